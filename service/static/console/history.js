import { el } from "../widget/dom.js";
import { moment } from "../widget/words.js";
import { Problem, at, call } from "./api.js";
import { failure, loading } from "./blanks.js";
import { none } from "./facts.js";
import { hrefOf } from "./place.js";
import { STATUSES } from "./words.js";

const SHOWN = 5;

/** The other conversations of the customer, read when they are asked for. */
export class History {
  constructor() {
    this.node = el("div", { class: "history" });
  }

  render(customerId, conversationId) {
    const seen = `${customerId}/${conversationId}`;
    if (seen === this.seen) return;
    this.seen = seen;
    this.#read(customerId, conversationId);
  }

  #show(others, count) {
    if (!others.length) return this.node.replaceChildren(none("这是第一次来访"));
    const list = el("ul", {}, ...others.slice(0, count).map(pastTalk));
    const more = () => this.#show(others, others.length);
    const rest = others.length - count;
    const button = rest > 0 && el("button", { type: "button", class: "plain", onclick: more }, `还有 ${rest} 次`);
    this.node.replaceChildren(...[list, button].filter(Boolean));
  }

  async #read(customerId, conversationId) {
    const { seen } = this;
    this.node.replaceChildren(loading());
    try {
      const { conversations } = await call("GET", at`customers/${customerId}/conversations`);
      if (seen !== this.seen) return;
      const others = conversations.filter((one) => one.conversation_id !== conversationId);
      this.#show(others, SHOWN);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (seen === this.seen)
        this.node.replaceChildren(failure(problem.message, () => this.#read(customerId, conversationId)));
    }
  }
}

function pastTalk({ conversation_id, updated_at, status, associates, excerpt, score }) {
  const facts = [STATUSES[status], ...associates, score && `${score} 分`].filter(Boolean).join(" · ");
  return el(
    "li",
    {},
    el(
      "a",
      { href: hrefOf("desk", conversation_id) },
      el("span", { class: "line" }, el("b", {}, moment(updated_at)), el("span", { class: "fine" }, facts)),
      excerpt && el("span", { class: "fine" }, excerpt),
    ),
  );
}
