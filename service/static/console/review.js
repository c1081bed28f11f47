import { el } from "../widget/dom.js";
import { moment } from "../widget/words.js";
import { difference } from "./difference.js";

/** The corrections that wait for a second associate, longest waiting first. Cards keep their node, and so the focus. */
export class Review {
  constructor(root, { accept, edit, reject, look }) {
    this.does = { accept, edit, reject, look };
    this.cards = new Map(); // correction_id -> {node, seen, correction}
    this.heading = el("h1", { tabindex: "-1" }, "纠正审核");
    this.more = el("p", { class: "fine" });
    this.said = el("p", { class: "fine", role: "status" });
    this.empty = el(
      "div",
      { class: "nothing" },
      el("p", {}, "没有等待审核的纠正"),
      el("p", { class: "fine" }, "机器人听错时，点消息下面的“纠正”告诉它应该怎么理解"),
    );
    this.list = el("ul", { "aria-label": "等待审核的纠正" });
    root.append(el("div", { class: "review-body" }, head(this), this.empty, this.list));
  }

  render({ corrections, waiting, name, choices }) {
    this.name = name;
    const focused = this.#at();
    const card = this.list.children[focused];
    const kept = new Set(corrections.map((one) => one.correction_id));
    for (const [id, { node }] of this.cards) if (!kept.has(id)) (node.remove(), this.cards.delete(id));
    corrections.forEach((correction, index) => {
      const node = this.#card(correction, name, choices);
      if (this.list.children[index] !== node) this.list.insertBefore(node, this.list.children[index] ?? null);
    });
    this.empty.hidden = corrections.length > 0;
    const shown = corrections.length;
    this.more.textContent = waiting > shown ? `共 ${waiting} 条，先显示最早的 ${shown} 条` : "";
    if (card && !card.isConnected) this.#lost(focused);
  }

  /** The card in focus is gone. Unless that was our own doing, a key meant for it must not reach the next one. */
  #lost(index) {
    this.last = index;
    if (this.isBusy) return this.#focus(index);
    this.heading.focus();
    this.tell("刚才那条已由同事处理或修改");
  }

  tell(words) {
    this.said.textContent = words;
  }

  /** Back to where the work was, when a panel took the focus and its card is gone. */
  refocus() {
    if (this.#at() < 0) this.#focus(this.last ?? 0);
  }

  /** j and k: the focus moves, and the rest follows from a focused card. */
  step(by) {
    const at = this.#at();
    this.#focus(at < 0 ? (this.last ?? 0) : at + by);
  }

  /** a, e and r: what to do with the card in focus. Nothing happens to a card nobody looks at. A key pressed while a panel
   * is closing waits for it: the focus is back before the work is over. */
  async act(what) {
    await Promise.allSettled([this.doing]);
    const at = this.#at();
    if (at < 0) return this.#focus(0);
    const { correction_id } = this.list.children[at].dataset;
    await this.#do(what, this.cards.get(correction_id).correction);
  }

  /** One at a time: the next key press belongs to the card that is in focus then. */
  async #do(what, correction) {
    if (this.isBusy) return;
    if (correction.proposer === this.name) return this.tell("不能审核自己提交的纠正，请由其他同事审核");
    this.isBusy = true;
    this.tell("");
    this.last = Math.max(0, this.#at());
    try {
      this.doing = this.does[what](correction);
      await this.doing;
    } finally {
      this.isBusy = false;
    }
  }

  #at() {
    return [...this.list.children].findIndex((card) => card.contains(document.activeElement));
  }

  #focus(index) {
    const cards = this.list.children;
    const card = cards[Math.max(0, Math.min(index, cards.length - 1))];
    if (card) card.firstChild.focus();
    else this.heading.focus();
  }

  #card(correction, name, choices) {
    const seen = JSON.stringify([correction, name]);
    const before = this.cards.get(correction.correction_id);
    if (before?.seen === seen) return before.node;
    const node = el(
      "li",
      { "data-correction_id": correction.correction_id },
      el(
        "article",
        { class: "card", tabindex: "0", "aria-label": `${correction.proposer} 提交的纠正` },
        this.#about(correction),
        el("p", { class: "bubble" }, correction.text),
        difference(correction, choices),
        this.#verdict(correction, name),
      ),
    );
    before?.node.replaceWith(node);
    this.cards.set(correction.correction_id, { node, seen, correction });
    return node;
  }

  #about(correction) {
    const model = correction.model_version || "未知";
    return el(
      "p",
      { class: "about" },
      el("b", {}, correction.proposer),
      el("time", { datetime: correction.proposed_at }, `${moment(correction.proposed_at)} 提交`),
      el("span", { class: "model", title: "听错这条消息的模型" }, `模型 ${model}`),
      el("button", { type: "button", class: "plain", onclick: () => this.does.look(correction) }, "查看会话"),
    );
  }

  #verdict(correction, name) {
    if (correction.proposer === name) {
      return el("p", { class: "verdict fine" }, "这条是您提交的，请由其他同事审核");
    }
    const button = (what, words, kind) =>
      el("button", { type: "button", class: kind, onclick: () => this.#do(what, correction) }, words);
    return el(
      "p",
      { class: "verdict" },
      button("accept", "通过", "solid"),
      button("edit", "修改后通过"),
      button("reject", "驳回", "danger"),
    );
  }
}

function head({ heading, said, more }) {
  const key = (letter, words) => el("span", {}, el("kbd", {}, letter), ` ${words}`);
  return el(
    "header",
    { class: "review-head" },
    heading,
    said,
    el(
      "p",
      { class: "keys fine" },
      key("j", "下"),
      key("k", "上"),
      key("a", "通过"),
      key("e", "修改"),
      key("r", "驳回"),
    ),
    el("p", { class: "fine rule" }, "通过的纠正会用来训练。手机号、订单号和收货信息已经遮住；还能认出顾客的，请驳回。"),
    more,
  );
}
