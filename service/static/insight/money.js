import { nothing } from "../console/blanks.js";
import { el } from "../widget/dom.js";
import { amount, share, table, tile } from "./parts.js";

const NEARLY_FULL = 0.9;

/** The figures to see first. */
export function summary({ budgets, offers }, { counts }, { dealings, dimensions }) {
  const sum = (rows, name) => rows.reduce((total, row) => total + row[name], 0);
  const [made, taken] = [sum(offers, "made"), sum(offers, "taken")];
  const alarms = dimensions.flatMap(({ groups }) => groups).filter(({ offered, saved }) => offered.warns || saved.warns);
  const full = budgets.filter(isNearlyFull);
  return el(
    "dl",
    { class: "tiles" },
    tile("已用预算", amount(sum(budgets, "used_fen")), `另有 ${amount(sum(budgets, "reserved_fen"))}预留中`),
    tile("快用完的预算", `${full.length} 个`, full.map(({ title }) => title).join("、") || "都还够用", full.length && "over"),
    tile("提出方案", `${made} 个`, `${taken} 个被接受，${share(taken, made)}`),
    tile("接受方案的成本", amount(sum(offers, "cost_fen")), `顾客得到 ${amount(sum(offers, "value_fen"))}`),
    tile("没有给出", `${sum(counts, "refusals")} 次`, `人工后来给了 ${sum(counts, "overridden")} 次`),
    tile("公平提醒", dealings ? `${alarms.length} 组` : "—", dealings ? `共看了 ${dealings} 个会话` : "还没有会话", alarms.length && "over"),
  );
}

/** What is used and promised of every budget, the fullest first. */
export function money({ budgets }) {
  if (!budgets.length) return nothing("方案目录里还没有预算");
  return el("ul", { class: "budgets" }, ...budgets.map(budgetRow));
}

/** What became of every offer. */
export function offers({ offers: rows }) {
  if (!rows.length) return nothing("这段时间没有提出过方案");
  const heads = [
    { words: "方案" },
    ...["提出", "接受", "接受率", "等答复", "未接受", "过期", "收回", "顾客得到", "预计成本"].map((words) => ({ words, isNumber: true })),
  ];
  return table(
    "方案表",
    heads,
    rows.map((one) => [
      one.title,
      String(one.made),
      String(one.taken),
      share(one.taken, one.made),
      String(one.open),
      String(one.declined),
      String(one.expired),
      String(one.reversed),
      amount(one.value_fen),
      amount(one.cost_fen),
    ]),
  );
}

function budgetRow(budget) {
  const { title, cap_fen, used_fen, reserved_fen, left_fen } = budget;
  const bar = (look, part) => {
    const node = el("span", { class: look });
    node.style.width = `${cap_fen ? Math.min(100, (100 * part) / cap_fen) : 0}%`;
    return node;
  };
  const left = left_fen < 0 ? `已超出新上限 ${amount(-left_fen)}` : `还剩 ${amount(left_fen)}`;
  return el(
    "li",
    { "data-level": isNearlyFull(budget) ? "over" : null },
    el("p", {}, el("b", {}, title), el("span", {}, left)),
    el("span", { class: "rail", "aria-hidden": "true" }, bar("used", used_fen), bar("reserved", reserved_fen)),
    el("p", { class: "fine" }, `上限 ${amount(cap_fen)}，已用 ${share(used_fen, cap_fen)}，预留 ${share(reserved_fen, cap_fen)}`),
  );
}

function isNearlyFull({ cap_fen, used_fen, reserved_fen }) {
  return used_fen + reserved_fen >= NEARLY_FULL * cap_fen;
}
