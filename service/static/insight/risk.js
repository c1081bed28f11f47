import { el } from "../widget/dom.js";
import { share, table, tile } from "./parts.js";

/** The live model: where it comes from, whether what it says comes true, and whether the orders it scores have changed. */
export function risk({ version, problem, learnt_from_invented, card, figures, ...watched }) {
  return el(
    "div",
    {},
    problem && el("p", { class: "overridden", role: "note" }, problem),
    el(
      "dl",
      { class: "tiles" },
      tile("现用", version, card ? learnt(card, learnt_from_invented) : "按经验打分，没有学过历史"),
      tile("近 14 天打分", `${watched.scores} 次`, watched.score_mean == null ? "还没有" : `平均 ${share(watched.score_mean, 1)}`),
      truth(watched),
    ),
    figures.length > 0 &&
      el("section", {}, el("h3", {}, "训练时没见过的最新订单上", hint("AUC 越高越好，另两项越低越好")), compared(figures)),
    watched.calibration && el("section", {}, el("h3", {}, "说得准不准", hint("竖线是预计，点和横线是实际流失与 95% 区间")), bands(watched.calibration)),
    el("section", {}, el("h3", {}, "订单变了没有", hint("和训练时相比变化最大的几项；0.25 起算明显")), stability(watched)),
  );
}

const hint = (words) => el("span", { class: "fine" }, words);
const day = (moment) => new Date(moment).toLocaleDateString("zh-CN", { timeZone: "Asia/Shanghai" });
const figure = (value) => (value == null ? "—" : value.toFixed(3));

function learnt({ orders, lost, from, to }, invented) {
  return `${invented ? "合成数据" : "本店历史"} ${orders} 单（流失 ${share(lost, orders)}），${day(from)} 至 ${day(to)}`;
}

function truth({ calibration, settled, own }) {
  if (!calibration) return tile("预计与实际", "—", `已结算 ${settled} 次打分，满 200 次才看得出`);
  const words = `${calibration.orders} 次已结算${own ? "" : "，含以前的版本"}；干预过的订单会好于预计`;
  return tile("预计与实际", `${share(calibration.expected, 1)} / ${share(calibration.observed, 1)}`, words);
}

function compared(figures) {
  const heads = ["", "AUC", "Brier", "校准误差"].map((words, place) => ({ words, isNumber: place > 0 }));
  const rows = figures.map(({ words, auc, brier, ece }) => [words, figure(auc), figure(brier), figure(ece)]);
  return table("模型比较", heads, rows);
}

function bands({ bands: rows, ece }) {
  return el(
    "div",
    {},
    el("ul", { class: "intervals bands" }, ...rows.map(band)),
    el("p", { class: "fine" }, `校准误差 ${figure(ece)}：预计与实际平均相差这么多。`),
  );
}

function band({ low, high, orders, expected, observed, interval: [from, to] }) {
  const at = (look, start, end = start) => {
    const node = el("span", { class: look });
    node.style.left = `${100 * start}%`;
    if (end !== start) node.style.width = `${100 * (end - start)}%`;
    return node;
  };
  const words = `${Math.round(100 * low)}–${Math.round(100 * high)}%`;
  const off = expected < from || expected > to;
  const title = `打分 ${words}：${orders} 单，预计流失 ${share(expected, 1)}，实际 ${share(observed, 1)}`;
  return el(
    "li",
    { title, "data-warns": off ? "" : null },
    el("span", { class: "words" }, words),
    el("span", { class: "axis", "aria-hidden": "true" }, at("range", from, to), at("mean", expected), at("point", observed)),
    el("b", {}, share(observed, 1)),
    el("span", { class: "fine" }, `${orders} 单`),
    el("span", { class: "gap" }, `预计 ${share(expected, 1)}`),
  );
}

function stability({ stability: rows, scores }) {
  if (!rows.length) return el("p", { class: "fine" }, scores < 200 ? "近 14 天打分满 200 次才看得出。" : "现用的分数没有可比的训练数据。");
  const heads = [{ words: "看什么" }, { words: "变化", isNumber: true }, { words: "判断" }];
  return table(
    "订单变化",
    heads,
    rows.map(({ words, index, state, state_words }) => [words, index.toFixed(2), el("span", { "data-state": state }, state_words)]),
  );
}
