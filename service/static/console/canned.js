import { el } from "../widget/dom.js";
import { Problem, at, call } from "./api.js";

const GAP = /\{\{\s*([^{}]+?)\s*\}\}/g;
const TOKEN = /(?:^|\s)([/／][^\s/／]{0,24})$/;

/**
 * The canned replies over the reply box: a slash opens the list, letters narrow it, Enter takes one with its variables
 * filled in. `inserted(missing)` after the words went in, with what nothing was known of; `told` what went wrong.
 */
export class Canned {
  constructor(box, { inserted, told }) {
    this.box = box;
    this.hooks = { inserted, told };
    this.replies = null;
    this.active = 0;
    const list = { class: "canned", id: "canned", role: "listbox", "aria-label": "常用语", hidden: true };
    const keep = (event) => event.preventDefault(); // the focus stays in the box
    this.list = el("ul", { ...list, tabindex: "0", onmousedown: keep }); // it scrolls
    box.setAttribute("aria-controls", "canned");
    box.setAttribute("aria-autocomplete", "list");
    box.addEventListener("input", () => this.refresh());
    box.addEventListener("blur", () => this.close());
  }

  get isOpen() {
    return !this.list.hidden;
  }

  /** They may have been changed on another screen. */
  forget() {
    this.replies = null;
  }

  /** As if a slash had been typed. */
  async open() {
    this.box.focus();
    const { selectionStart: start, value } = this.box;
    const gap = start && !/\s/.test(value[start - 1]) ? " " : "";
    this.box.setRangeText(`${gap}/`, start, start, "end");
    await this.refresh();
  }

  close() {
    this.list.hidden = true;
    this.box.removeAttribute("aria-activedescendant");
  }

  async refresh() {
    const token = this.#token();
    if (!token) return this.close();
    if (!this.replies) await (this.reading ??= this.#read());
    if (this.replies && this.#token() === token) this.#show(token.slice(1).toLowerCase());
  }

  /** Whether the key was for the list. Who types faster than it is read means it all the same. */
  key(event) {
    if (event.isComposing) return false;
    if (this.reading && event.key === "Enter" && this.#token()) {
      event.preventDefault();
      this.reading.then(() => this.isOpen && this.#take(this.found[this.active]));
      return true;
    }
    if (!this.isOpen) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.#activate((this.active + step + this.found.length) % this.found.length);
    else if (event.key === "Escape") this.close();
    else if (["Enter", "Tab"].includes(event.key) && !event.shiftKey) this.#take(this.found[this.active]);
    else return false;
    event.preventDefault();
    return true;
  }

  async #read() {
    try {
      const { canned, places } = await call("GET", "canned");
      this.replies = canned;
      this.places = new Map(places.map(({ place, words }) => [place, words]));
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      this.hooks.told(`常用语没有读到：${problem.message}`);
    } finally {
      this.reading = null;
    }
  }

  #token() {
    if (document.activeElement !== this.box) return null;
    return TOKEN.exec(this.box.value.slice(0, this.box.selectionStart))?.[1] ?? null;
  }

  #show(wanted) {
    const score = ({ shortcut, title, text }) =>
      shortcut.slice(1).startsWith(wanted) ? 0 : title.includes(wanted) ? 1 : text.includes(wanted) ? 2 : 3;
    this.found = this.replies
      .filter((reply) => score(reply) < 3)
      .sort((one, other) => score(one) - score(other));
    if (!this.found.length) return this.close();
    this.list.replaceChildren(...this.found.map((reply, index) => this.#option(reply, index)));
    this.list.hidden = false;
    this.#activate(0);
  }

  #option(reply, index) {
    return el(
      "li",
      { role: "option", id: `canned-${index}`, onclick: () => this.#take(reply) },
      el("kbd", {}, reply.shortcut),
      el("b", {}, reply.title),
      el("span", {}, this.#readable(reply.text)),
    );
  }

  /** What will be filled in, in words: 尾号 [订单尾号]. */
  #readable(text) {
    return text.replace(GAP, (_, place) => `[${this.places.get(place) ?? place}]`);
  }

  #activate(index) {
    this.active = index;
    [...this.list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    this.list.children[index].scrollIntoView({ block: "nearest" });
    this.box.setAttribute("aria-activedescendant", `canned-${index}`);
  }

  async #take({ id }) {
    const { conversationId } = this;
    const token = this.#token();
    this.close();
    try {
      const query = new URLSearchParams({ conversation_id: conversationId });
      const { text, missing } = await call("GET", `${at`canned/${id}/rendered`}?${query}`);
      if (conversationId === this.conversationId) this.#insert(token, text, missing);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      this.hooks.told(`这条常用语没有取到：${problem.message}`);
    }
  }

  /** In place of the token, wherever it is by now. */
  #insert(token, text, missing) {
    const { box } = this;
    const before = box.value.slice(0, box.selectionStart);
    const start = before.endsWith(token) ? before.length - token.length : before.length;
    box.setRangeText(text, start, box.selectionStart, "end");
    this.hooks.inserted(missing);
  }
}
