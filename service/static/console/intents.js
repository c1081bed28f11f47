import { el } from "../widget/dom.js";
import { percent } from "./words.js";

const SHOWN_SHARE = 0.005; // less would read as 0%

/** One of all intents: the likely ones first, then the rest by their Chinese title; typing narrows it. */
export class IntentPicker {
  constructor({ changed }) {
    this.chosen = el("b", { class: "chosen" });
    this.search = el("input", {
      type: "search",
      class: "search",
      placeholder: "输入几个字查找，例如 退款",
      "aria-label": "查找意图",
      autocomplete: "off",
      oninput: () => this.#narrow(),
      onkeydown: (event) => this.#key(event),
    });
    this.list = el("div", { class: "options", role: "radiogroup", "aria-label": "意图" });
    this.none = el("p", { class: "empty", hidden: true }, "没有这样的意图，换个说法试试");
    this.list.addEventListener("change", () => (this.#show(), changed()));
    this.node = el(
      "fieldset",
      { class: "intents" },
      el("legend", {}, "意图", this.chosen),
      this.search,
      this.list,
      this.none,
    );
  }

  /** `ranking`: [{intent, share}], likeliest first; `share` may be missing. */
  fill({ intents, ranking, chosen }) {
    const ranks = new Map(ranking.map(({ intent, share }, rank) => [intent, { rank, share }]));
    const rank = ({ value }) => ranks.get(value)?.rank ?? intents.length;
    const sorted = [...intents].sort(
      (one, other) => rank(one) - rank(other) || one.words.localeCompare(other.words, "zh"),
    );
    this.list.replaceChildren(...sorted.map((intent) => option(intent, ranks.get(intent.value)?.share, chosen)));
    this.#showAll();
    this.#show();
  }

  get value() {
    return this.list.querySelector("input:checked")?.value;
  }

  #show() {
    this.chosen.textContent = this.list.querySelector("input:checked")?.dataset.words ?? "";
  }

  #narrow() {
    const wanted = this.search.value.trim().toLowerCase();
    for (const label of this.list.children) label.hidden = !label.dataset.found.includes(wanted);
    this.none.hidden = Boolean(this.#first());
    this.list.hidden = !this.none.hidden;
  }

  #showAll() {
    this.search.value = "";
    this.#narrow();
    this.list.querySelector("input:checked")?.closest("label").scrollIntoView({ block: "nearest" });
  }

  /** Enter takes the first that is left, and does not send the form. */
  #key(event) {
    if (event.isComposing || event.keyCode === 229 || !["Enter", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    const first = this.#first();
    if (event.key === "ArrowDown") first?.focus();
    else if (first && this.search.value.trim()) (first.click(), this.#showAll());
  }

  #first() {
    return this.list.querySelector("label:not([hidden]) input");
  }
}

function option({ value, words }, share, chosen) {
  return el(
    "label",
    { class: "option", "data-found": `${words} ${value}`.toLowerCase() },
    el("input", { type: "radio", name: "intent", value, "data-words": words, checked: value === chosen }),
    el("span", {}, words),
    share >= SHOWN_SHARE && el("span", { class: "share", title: "模型的把握" }, percent(share)),
  );
}
