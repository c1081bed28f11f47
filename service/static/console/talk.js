import { el } from "../widget/dom.js";
import { Transcript } from "./transcript.js";

const LONGEST = 2_000;

/** The middle column: summary, transcript, and what this associate may do about it. */
export class TalkView {
  constructor(root, { take, reply, giveBack, end, correct }) {
    this.does = { take, reply, giveBack, end };
    this.transcript = new Transcript({ correct });
    this.blank = el(
      "div",
      { class: "blank" },
      el("p", {}, "从左边选一个会话"),
      el("p", { class: "fine" }, "按 j、k 移动，回车认领"),
    );
    this.heading = el("h1", { tabindex: "-1" });
    this.state = el("span", { class: "tag" });
    this.back = el("button", { type: "button", onclick: () => giveBack() }, "交还机器人");
    this.finish = el("button", { type: "button", class: "danger", onclick: () => end() }, "结束会话");
    this.gist = el("ul");
    this.summary = el("details", { class: "summary", open: true }, el("summary", {}, "摘要"), this.gist);
    this.claim = el("button", { type: "button", class: "solid", onclick: () => take() }, "认领");
    this.note = el("p");
    this.offer = el("div", { class: "claim" }, this.note, this.claim);
    this.box = el("textarea", {
      rows: 3,
      maxlength: LONGEST,
      "aria-label": "回复顾客",
      placeholder: "回复顾客，回车发送",
      oninput: () => this.#keepDraft(),
      onkeydown: (event) => this.#key(event),
    });
    this.send = el("button", { class: "solid" }, "发送");
    this.form = el("form", { class: "reply", onsubmit: (event) => this.#submit(event) }, this.box, this.send);
    this.body = el(
      "div",
      { class: "body" },
      el("header", { class: "talk-head" }, this.heading, this.state, this.back, this.finish),
      this.summary,
      this.transcript.node,
      this.offer,
      this.form,
    );
    root.append(this.blank, this.body);
    this.render({ detail: null });
  }

  render({ detail, name, escalatesAt }) {
    this.blank.hidden = Boolean(detail);
    this.body.hidden = !detail;
    if (!detail) return;
    const { conversation, handoff, customer } = detail;
    if (this.conversationId !== conversation.conversation_id) this.#turnTo(conversation.conversation_id);
    this.heading.textContent = customer?.name ?? handoff?.customer ?? "访客";
    this.state.textContent = {
      bot: "机器人接待中",
      waiting: "等待认领",
      human: handoff?.associate ? `${handoff.associate} 接待中` : "人工接待中",
      closed: "已结束",
    }[conversation.status];
    this.state.dataset.status = conversation.status;
    this.gist.replaceChildren(...detail.summary.split("\n").map((line) => el("li", {}, line)));
    this.summary.hidden = !detail.summary;
    const isMine = handoff?.state === "claimed" && handoff.associate === name;
    this.form.hidden = this.back.hidden = this.finish.hidden = !isMine;
    this.offer.hidden = isMine;
    this.claim.hidden = handoff?.state !== "waiting";
    this.note.textContent = noteFor(handoff, conversation);
    this.transcript.render(detail.messages, escalatesAt);
  }

  focusReply() {
    if (this.form.hidden) this.claim.focus();
    else this.box.focus();
  }

  #turnTo(conversationId) {
    this.conversationId = conversationId;
    this.transcript.clear();
    this.box.value = localStorage.getItem(this.#draftKey()) ?? "";
  }

  #draftKey() {
    return `tourniquet-console:draft:${this.conversationId}`;
  }

  #keepDraft() {
    if (this.box.value) localStorage.setItem(this.#draftKey(), this.box.value);
    else localStorage.removeItem(this.#draftKey());
  }

  #key(event) {
    if (event.key === "Escape") this.heading.focus();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    this.#submit(event);
  }

  /** The words leave the box only when the service has them. */
  async #submit(event) {
    event.preventDefault();
    const text = this.box.value.trim();
    const draftKey = this.#draftKey();
    if (!text || this.send.disabled) return;
    this.send.disabled = true;
    const isSent = await this.does.reply(text);
    this.send.disabled = false;
    if (!isSent) return;
    localStorage.removeItem(draftKey);
    if (draftKey !== this.#draftKey()) return;
    this.box.value = "";
    this.box.focus();
  }
}

function noteFor(handoff, conversation) {
  if (handoff?.state === "waiting") return "认领后就可以回复";
  if (handoff?.state === "claimed") return `${handoff.associate} 正在处理，您可以旁观`;
  return conversation.status === "closed" ? "会话已结束" : "现在由机器人接待";
}
