import { nothing } from "../console/blanks.js";
import { ranking } from "../console/plots.js";
import { el } from "../widget/dom.js";
import { moment } from "../widget/words.js";

const SHOWN = 8;

/** Which rules keep something from shoppers, how often a person saw it otherwise, and the last cases. */
export function refusals({ counts, recent }) {
  if (!counts.length) return nothing("这段时间没有拒绝过补偿");
  const overridden = counts.filter((one) => one.overridden);
  return el(
    "div",
    {},
    ranking(counts.slice(0, SHOWN).map(bar)),
    counts.length > SHOWN && el("p", { class: "fine" }, `另有 ${counts.length - SHOWN} 种原因，共 ${rest(counts)} 次`),
    overridden.length > 0 && el("p", { class: "overridden" }, overridden.map(overriddenWords).join("；")),
    el(
      "details",
      { class: "recent" },
      el("summary", {}, `最近 ${recent.length} 次`),
      el("ul", {}, ...recent.map(row)),
    ),
  );
}

function bar({ words, refusals: value, orders, overridden }) {
  const over = overridden ? `，人工给了 ${overridden} 次` : "";
  return { words, value, title: `${words}：${value} 次，${orders} 单${over}` };
}

function rest(counts) {
  return counts.slice(SHOWN).reduce((total, one) => total + one.refusals, 0);
}

function overriddenWords({ words, refusals: all, overridden }) {
  return `“${words}”的 ${all} 次里，客服核实后给了 ${overridden} 次`;
}

function row({ at, order_no, words, why, overridden_by }) {
  const given = overridden_by && el("span", { class: "tag" }, `${overridden_by.replace("associate:", "")}给了`);
  return el(
    "li",
    {},
    el("p", {}, el("b", {}, words), given, el("span", { class: "fine" }, `${moment(at)} · 订单尾号 ${order_no.slice(-4)}`)),
    el("p", { class: "fine" }, why),
  );
}
