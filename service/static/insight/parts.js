import { el } from "../widget/dom.js";

/** A titled part of the page; `hint` says what it counts. */
export function panel(title, hint, content) {
  return el("section", { class: "chart" }, el("h2", {}, title, el("span", { class: "fine" }, hint)), content);
}

export function tile(name, value, hint, level) {
  return el(
    "div",
    { "data-level": level || null },
    el("dt", {}, name),
    el("dd", {}, value, hint && el("span", { class: "fine" }, hint)),
  );
}

/** `heads` [{words, isNumber}]; the first cell of a row names it. Scrolls by itself where the window is too narrow. */
export function table(label, heads, rows) {
  const look = ({ isNumber }) => (isNumber ? "number" : null);
  return el(
    "div",
    { class: "scroller", tabindex: "0", role: "region", "aria-label": label },
    el(
      "table",
      {},
      el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { scope: "col", class: look(head) }, head.words)))),
      el(
        "tbody",
        {},
        ...rows.map(([name, ...cells]) =>
          el(
            "tr",
            {},
            el("th", { scope: "row" }, name),
            ...cells.map((cell, index) => el("td", { class: look(heads[index + 1]) }, cell)),
          ),
        ),
      ),
    ),
  );
}

/** 1234567 -> 12,345.67 元; whole yuan from 10,000 yuan on. */
export function amount(fen) {
  const yuan = Math.abs(fen) >= 1_000_000 ? Math.round(fen / 100) : fen / 100;
  return `${yuan.toLocaleString("zh-CN", { maximumFractionDigits: 2 })} 元`;
}

/** A share without false precision: 42%, 0.4%, — when there is nothing to divide by. */
export function share(part, whole) {
  if (!whole) return "—";
  const percent = (100 * part) / whole;
  return percent > 0 && percent < 1 ? `${percent.toFixed(1)}%` : `${Math.round(percent)}%`;
}
