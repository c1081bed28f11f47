import { el } from "../widget/dom.js";
import { span } from "./words.js";

/** Says that there is no connection, since when, and what that means for the work. */
export class Outage {
  constructor(root, { again }) {
    this.root = root;
    this.since = el("span", { "aria-hidden": "true" });
    this.words = el("p", {}, "连接断开，正在重连", this.since, "。可以继续写，恢复后自动发送。");
    this.button = el("button", { type: "button", onclick: () => again() }, "马上重连");
    setInterval(() => this.#tick(), 1_000);
  }

  render(lostAt) {
    if (lostAt === this.lostAt) return;
    this.lostAt = lostAt;
    this.root.replaceChildren(...(lostAt === null ? [] : [this.words, this.button]));
    this.#tick();
  }

  #tick() {
    const seconds = this.lostAt == null ? 0 : (Date.now() - this.lostAt) / 1_000;
    this.since.textContent = seconds >= 5 ? `（已断 ${span(seconds)}）` : "";
  }
}
