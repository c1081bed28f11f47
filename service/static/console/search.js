import { el } from "../widget/dom.js";
import { moment } from "../widget/words.js";
import { Problem, call } from "./api.js";
import { failure, loading, nothing } from "./blanks.js";
import { STATUSES, period } from "./words.js";

const PAUSE_MS = 300;
const STATUS_CHOICES = [["", "状态：全部"], ...Object.entries(STATUSES)];

/** Looking for a conversation of any time; while it looks, it stands in for the queue. */
export class Search {
  constructor(root, { look, opened }) {
    this.look = look;
    this.opened = opened;
    this.box = el("input", {
      type: "search",
      class: "find",
      "aria-label": "搜索会话",
      placeholder: "搜消息、订单尾号、顾客",
      autocomplete: "off",
      oninput: () => this.#later(),
      onkeydown: (event) => event.key === "Escape" && (event.preventDefault(), this.close()),
    });
    this.status = el(
      "select",
      { "aria-label": "状态", onchange: () => this.#start() },
      ...STATUS_CHOICES.map(([value, words]) => el("option", { value }, words)),
    );
    this.label = this.#field("标签", { list: "labels-used" });
    this.associate = this.#field("客服");
    this.from = this.#field("从", { type: "date" });
    this.to = this.#field("到", { type: "date" });
    this.labels = el("datalist", { id: "labels-used" });
    this.waiting = el("b", { class: "near" });
    const back = el("button", { type: "button", onclick: () => this.close() }, "回到队列");
    this.fields = el(
      "div",
      { class: "search-fields", hidden: true },
      this.status,
      this.label,
      this.associate,
      el("label", {}, "从", this.from),
      el("label", {}, "到", this.to),
      el("p", { class: "back" }, back, this.waiting),
      this.labels,
    );
    this.results = el("div", { class: "results", hidden: true, "aria-live": "polite" });
    root.append(this.box, this.fields, this.results);
    this.box.addEventListener("focus", () => this.#open());
  }

  get isOpen() {
    return !this.fields.hidden;
  }

  focus() {
    this.box.focus();
    this.box.select();
  }

  /** How many wait meanwhile, where nobody sees them. */
  render(waiting) {
    this.waiting.textContent = waiting ? `${waiting} 人在排队` : "";
  }

  close() {
    clearTimeout(this.pause);
    for (const field of [this.box, this.status, this.label, this.associate, this.from, this.to]) field.value = "";
    this.fields.hidden = this.results.hidden = true;
    this.results.replaceChildren();
    this.box.blur();
    this.opened(false);
  }

  #open() {
    if (this.isOpen) return;
    this.fields.hidden = this.results.hidden = false;
    this.results.replaceChildren(el("p", { class: "fine" }, "输入几个字，或选一个条件"));
    this.opened(true);
    call("GET", "labels/used").then(
      ({ labels }) => this.labels.replaceChildren(...labels.map(({ label }) => el("option", { value: label }))),
      () => {}, // typing a label works without suggestions
    );
  }

  #field(words, attributes = {}) {
    const later = () => this.#later();
    return el("input", { "aria-label": words, placeholder: words, autocomplete: "off", oninput: later, ...attributes });
  }

  #later() {
    clearTimeout(this.pause);
    this.pause = setTimeout(() => this.#start(), PAUSE_MS);
  }

  async #start() {
    const [from, until] = period(this.from.value, this.to.value);
    const fields = {
      q: this.box.value,
      label: this.label.value,
      associate: this.associate.value,
      status: this.status.value,
    };
    const given = Object.entries({ ...fields, from, to: until }).filter(([, value]) => value?.trim());
    this.query = new URLSearchParams(given);
    this.results.replaceChildren(given.length ? loading() : el("p", { class: "fine" }, "输入几个字，或选一个条件"));
    if (given.length) await this.#read(this.query);
  }

  async #read(query, cursor) {
    const more = cursor ? `&${new URLSearchParams({ cursor })}` : "";
    try {
      const found = await call("GET", `search?${query}${more}`);
      if (query === this.query) this.#show(found, Boolean(cursor));
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (query === this.query) this.results.replaceChildren(failure(problem.message, () => this.#start()));
    }
  }

  #show({ conversations, next }, isMore) {
    if (!isMore) this.results.replaceChildren(el("ul"));
    const list = this.results.firstChild;
    list.append(...conversations.map((one) => this.#result(one)));
    this.more?.remove();
    this.more = next && el("button", { type: "button", onclick: () => this.#read(this.query, next) }, "更多");
    if (this.more) this.results.append(this.more);
    if (!list.children.length) this.results.replaceChildren(nothing("没有找到这样的会话", "换几个字，或放宽条件试试"));
  }

  #result(one) {
    const line = (...parts) => parts.filter(Boolean).join(" · ");
    return el(
      "li",
      {},
      el(
        "button",
        { type: "button", class: "row", onclick: () => this.look(one) },
        el(
          "span",
          { class: "line" },
          el("b", {}, one.customer || "访客"),
          el("span", { class: "clock" }, moment(one.updated_at)),
        ),
        el(
          "span",
          { class: "title" },
          line(STATUSES[one.status], ...one.associates, one.order_tail && `订单尾号 ${one.order_tail}`),
        ),
        el("span", { class: "last" }, one.excerpt),
        one.labels.length > 0 &&
          el("span", { class: "line tags" }, ...one.labels.map((label) => el("span", { class: "tag" }, label))),
      ),
    );
  }
}
