import { el } from "../widget/dom.js";
import { Problem, call } from "./api.js";

const LONGEST = 20;

/** The labels of a conversation: added by typing, taken off by a press. `save(labels)` gives what went wrong, or null. */
export class Tags {
  constructor({ save, told }) {
    this.save = save;
    this.told = told;
    this.list = el("ul", { class: "labels-list" });
    this.used = el("datalist", { id: "labels-known" });
    this.box = el("input", {
      "aria-label": "加标签",
      placeholder: "加标签，回车确定",
      maxlength: LONGEST,
      list: "labels-known",
      autocomplete: "off",
      onfocus: () => this.#suggest(),
    });
    const form = el("form", { onsubmit: (event) => this.#add(event) }, this.box, this.used);
    this.node = el("div", { class: "labels-edit" }, this.list, form);
  }

  render(labels) {
    const seen = JSON.stringify(labels);
    if (seen === this.seen) return;
    this.seen = seen;
    this.labels = labels;
    this.list.replaceChildren(...labels.map((label) => this.#tag(label)));
  }

  #tag(label) {
    const off = () => this.#put(this.labels.filter((one) => one !== label));
    return el(
      "li",
      { class: "tag" },
      label,
      el("button", { type: "button", "aria-label": `去掉标签 ${label}`, onclick: off }, "×"),
    );
  }

  async #add(event) {
    event.preventDefault();
    const label = this.box.value.trim();
    if (!label) return;
    if (this.labels.includes(label) || (await this.#put([...this.labels, label]))) this.box.value = "";
  }

  async #put(labels) {
    const problem = await this.save(labels);
    if (problem) this.told(`标签没有保存：${problem}`);
    return !problem;
  }

  async #suggest() {
    try {
      const { labels } = await call("GET", "labels/used");
      this.used.replaceChildren(...labels.map(({ label }) => el("option", { value: label })));
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem; // typing a label works without suggestions
    }
  }
}
