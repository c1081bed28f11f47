import { nothing } from "../console/blanks.js";
import { el } from "../widget/dom.js";
import { share } from "./parts.js";

/** Shares of every group with their intervals, dimension by dimension, and what differs more than chance in words. */
export function fairness({ dealings, dimensions, dimension_words, measure_words }) {
  if (!dealings) return nothing("这段时间还没有想走或收到方案的顾客");
  const body = el("div", { class: "dimensions" });
  const buttons = Object.entries(measure_words).map(([measure, words]) =>
    el("button", { type: "button", "data-measure": measure, onclick: () => turnTo(measure) }, words),
  );
  const turnTo = (measure) => {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.measure === measure));
    body.replaceChildren(
      ...dimensions.map(({ name, groups }) => dimension(dimension_words[name], measure_words[measure], groups, measure)),
    );
  };
  turnTo(Object.keys(measure_words)[0]);
  const alarms = dimensions.flatMap(({ name, groups }) =>
    groups.flatMap((group) =>
      Object.keys(measure_words)
        .filter((measure) => group[measure].warns)
        .map((measure) => alarm(dimension_words[name], group, measure, measure_words[measure])),
    ),
  );
  return el(
    "div",
    {},
    alarms.length
      ? el(
          "div",
          { class: "alarms", role: "note" },
          el("p", {}, "这些组和其他顾客的差别超出偶然，请查方案目录的受众、上限和渠道设置："),
          el("ul", {}, ...alarms),
        )
      : el("p", { class: "fine all-well" }, "没有发现超出偶然的差别；样本少的组还看不出来。"),
    el("div", { class: "spans", role: "group", "aria-label": "看什么" }, ...buttons),
    body,
    el(
      "p",
      { class: "fine" },
      "点是比例，横线是 95% 区间，竖线是全体。只在同样原因的顾客之间比较；所有比较合在一起，误报不超过 5%。",
    ),
  );
}

function alarm(dimension, group, measure, words) {
  const { gap } = group[measure];
  const size = `${gap < 0 ? "低" : "高"} ${Math.round(Math.abs(100 * gap))} 个百分点`;
  return el("li", {}, `${dimension}「${group.words}」${words}的比例${size}`);
}

function dimension(title, measureWords, groups, measure) {
  const all = groups.map((group) => group[measure]);
  const n = all.reduce((total, one) => total + one.n, 0);
  const mean = n ? all.reduce((total, one) => total + one.yes, 0) / n : null;
  return el(
    "section",
    {},
    el("h3", {}, title, el("span", { class: "fine" }, `${measureWords} · 全体 ${share(mean ?? 0, n && 1)}`)),
    el("ul", { class: "intervals" }, ...groups.map((group) => interval(group.words, group[measure], mean))),
  );
}

/** +10 点, −4 点, 0 点: percentage points */
function points(gap) {
  const whole = Math.round(100 * gap);
  return `${whole > 0 ? "+" : whole < 0 ? "−" : ""}${Math.abs(whole)} 点`;
}

function interval(words, { yes, n, share: value, low, high, gap, warns }, mean) {
  const at = (look, from, to = from) => {
    const node = el("span", { class: look });
    node.style.left = `${100 * from}%`;
    if (to !== from) node.style.width = `${100 * (to - from)}%`;
    return node;
  };
  const difference = gap == null ? "样本少" : points(gap);
  const title = n
    ? `${words}：${yes}/${n}，${share(value, 1)}，区间 ${share(low, 1)} 到 ${share(high, 1)}，同因相差 ${difference}`
    : `${words}：还没有定下来的订单`;
  return el(
    "li",
    { title, "data-warns": warns ? "" : null },
    el("span", { class: "words" }, words),
    el(
      "span",
      { class: "axis", "aria-hidden": "true" },
      mean != null && at("mean", mean),
      n > 0 && at("range", low, high),
      n > 0 && at("point", value),
    ),
    el("b", {}, n ? share(value, 1) : "—"),
    el("span", { class: "fine" }, `${n} 个`),
    el("span", { class: "gap" }, difference),
  );
}
