import { nothing } from "../console/blanks.js";
import { el } from "../widget/dom.js";
import { moment } from "../widget/words.js";

const STEP = 0.1; // the axis ends at whole tens of percentage points
const APART = 15; // percent of the axis that two words under it need

/** What offers changed against who got none: a bar from zero to the estimate, whiskers to the ends of its interval. */
export function lift({ counted_at, lifts, settle_days }) {
  const [first] = lifts;
  if (!first.customers)
    return nothing("还没有结果可比", `签收满 ${settle_days} 天的订单才算数；现在有 ${first.waiting} 位顾客在等。`);
  const body = el("div");
  const buttons = lifts.map(({ by, words }) =>
    el("button", { type: "button", "data-by": by, onclick: () => turnTo(by) }, `按${words}`),
  );
  const turnTo = (chosen) => {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.by === chosen));
    body.replaceChildren(...comparison(lifts.find(({ by }) => by === chosen)));
  };
  turnTo(first.by);
  const [left, synthetic] = first.caveats;
  return el(
    "div",
    {},
    synthetic && el("p", { class: "overridden" }, synthetic),
    el("div", { class: "spans", role: "group", "aria-label": "怎么分组" }, ...buttons),
    body,
    el(
      "p",
      { class: "fine" },
      `条形是留住比例的差别，横线是 95% 区间，跨过零线就还看不出差别。每位顾客只算第一次，共 ${first.customers} 位，最新到 ${moment(first.until)}。${left}计算于 ${moment(counted_at)}。`,
    ),
  );
}

function comparison({ rows }) {
  const known = rows.flatMap(({ kept }) => (kept ? [kept.low, kept.high] : []));
  if (!known.length) return [el("ul", { class: "lifts" }, ...rows.map((row) => comparedRow(row)))];
  const low = STEP * Math.floor(Math.min(0, ...known) / STEP);
  const high = STEP * Math.ceil(Math.max(0, ...known) / STEP);
  const place = (value) => (100 * (value - low)) / (high - low);
  return [el("ul", { class: "lifts" }, scale(new Set([low, 0, high]), place), ...rows.map((row) => comparedRow(row, place)))];
}

function scale(values, place) {
  const shown = [...values].filter((value) => value === 0 || Math.abs(place(value) - place(0)) > APART);
  const words = shown.map((value) => placed("", place(value), place(value), points(value, 0)));
  return el("li", { class: "scale", "aria-hidden": "true" }, el("span", { class: "axis" }, ...words));
}

function comparedRow({ name, words, verdict, kept }, place) {
  return el(
    "li",
    { "data-verdict": verdict },
    el("span", { class: "words", title: name }, name),
    el("b", {}, kept ? points(kept.value, 1) : "—"),
    kept &&
      el(
        "span",
        { class: "axis", "aria-hidden": "true" },
        placed("change", place(Math.min(0, kept.value)), place(Math.max(0, kept.value))),
        placed("whisker", place(kept.low), place(kept.high)),
        placed("mean", place(0), place(0)),
      ),
    el("span", { class: "fine" }, words),
  );
}

function placed(look, from, to, words = "") {
  const node = el("span", { class: look || null }, words);
  node.style.left = `${from}%`;
  if (to > from) node.style.width = `${to - from}%`;
  return node;
}

/** +12.3 点, −4.0 点: percentage points */
function points(share, digits) {
  const size = Math.abs(100 * share).toFixed(digits);
  return `${Number(size) === 0 ? "" : share < 0 ? "−" : "+"}${size} 点`;
}
