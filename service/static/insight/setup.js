import { el } from "../widget/dom.js";
import { share, tile } from "./parts.js";

/** How the experiment is set up, how far it has come, and what decides meanwhile. */
export function setup({ hold_out, settle_days, challenger, learnt, learns_from, prices, lifts: [{ customers, waiting }] }) {
  return el(
    "dl",
    { class: "tiles" },
    hold_out ? tile("留白组", share(hold_out, 1), "的顾客不给补偿，用来对照") : tile("留白组", "没有", "没有对照，看不出补偿的作用", "over"),
    tile("已有结果", `${customers} 位顾客`, `另有 ${waiting} 位还没过 ${settle_days} 天的退货期`),
    learnt
      ? tile("方案凭什么选", "已结算的订单", "效果从数据里学来，随结算更新")
      : tile("方案凭什么选", "目录里的估计", `满 ${learns_from.orders} 单结果、其中 ${learns_from.held_out} 单没给过，才开始学`),
    challenger
      ? tile("试行的目录", challenger.name, `${share(challenger.share, 1)}的顾客用它`)
      : tile("试行的目录", "没有", "所有顾客用同一份方案目录"),
    ...prices.map(({ title, price }) => tile(`活动预算：${title}`, `1 元算 ${price.toFixed(2)} 元`, "花得比计划快就更贵，慢就更便宜")),
  );
}
