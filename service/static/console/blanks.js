import { el } from "../widget/dom.js";

/** Nothing here, and what that means. */
export function nothing(words, hint) {
  return el("div", { class: "nothing" }, el("p", {}, words), hint && el("p", { class: "fine" }, hint));
}

/** It could not be read; what was shown before is not kept, lest it be taken for new. */
export function failure(words, again) {
  return el(
    "div",
    { class: "nothing failure", role: "alert" },
    el("p", {}, words),
    el("button", { type: "button", onclick: again }, "重试"),
  );
}

export function loading() {
  return el("p", { class: "loading", role: "status" }, "正在读取…");
}
