import { el } from "../widget/dom.js";
import { failure, loading } from "./blanks.js";
import { clock } from "./clock.js";
import { Composer } from "./composer.js";
import { deadlineOf } from "./deadline.js";
import { hrefOf } from "./place.js";
import { Transcript } from "./transcript.js";
import { CHANNELS } from "./words.js";

/**
 * The middle column: the conversation in front and what this associate may do about it. `does`: claim, transfer, release,
 * giveBack, end, takeover, reply, note, writing, told, correct, retry, drop, reachedEnd, reread.
 */
export class TalkView {
  constructor(root, tabs, does) {
    this.transcript = new Transcript(does);
    this.composer = new Composer(does);
    this.blankWords = el("p");
    this.blankHint = el("p", { class: "fine" });
    this.blank = el("div", { class: "blank" }, this.blankWords, this.blankHint);
    this.missing = el("div", { class: "blank" });
    this.reread = does.reread;
    this.heading = el("h1", { tabindex: "-1" });
    this.state = el("span", { class: "tag" });
    this.channel = el("span", { class: "fine channel" });
    this.sla = el("span", { class: "sla" });
    const button = (words, title, kind, act) =>
      el("button", { type: "button", title, class: kind, onclick: () => act() }, words);
    this.acts = {
      transfer: button("转接", "转给同事或别的技能（t）", "", does.transfer),
      release: button("放回队列", "让别的同事认领（Shift+Q）", "", does.release),
      giveBack: button("交还机器人", "由机器人继续接待（Shift+B）", "", does.giveBack),
      takeover: button("接管", "从同事手里接过来", "danger", does.takeover),
      end: button("结束会话", "结束这次会话（e）", "danger", does.end),
    };
    this.more = el(
      "button",
      { type: "button", class: "more", "aria-expanded": "false", onclick: () => this.#unfold() },
      "更多",
    );
    this.actsNode = el("div", { class: "acts", onclick: () => this.#unfold(false) }, ...Object.values(this.acts));
    this.claim = button("认领", "认领并回复", "solid", does.claim);
    this.note = el("p");
    this.offer = el("div", { class: "claim" }, this.note, this.claim);
    this.typing = el("p", { class: "typing", role: "status" });
    this.noteTrouble = el("p", { class: "trouble" });
    this.toFacts = el("a", { class: "to-facts" }, "详情");
    this.body = el(
      "div",
      { class: "body" },
      el(
        "header",
        { class: "talk-head" },
        el("a", { class: "to-list", href: hrefOf("desk"), "aria-label": "回到队列" }, "‹"),
        this.heading,
        el("p", { class: "standing" }, this.state, this.channel, this.sla),
        this.toFacts,
        this.more,
        this.actsNode,
      ),
      this.noteTrouble,
      el("div", { class: "log-frame" }, this.transcript.node, this.transcript.jump),
      this.typing,
      this.offer,
      this.composer.node,
    );
    root.append(tabs.node, this.blank, this.missing, this.body);
    setInterval(() => document.hidden || this.#tick(), 1_000);
  }

  render({ desk, unsent }) {
    const { detail, front, unreadFrom, trouble } = desk.talks;
    this.#renderBlank(!front, desk.board);
    this.#renderMissing(front && !detail, trouble);
    this.body.hidden = !detail;
    this.handoff = detail && desk.handoff;
    if (!detail) return;
    if (this.conversationId !== front) this.#turnTo(front);
    const { conversation, customer, notes } = detail;
    this.heading.textContent = this.heading.title = customer?.name || this.handoff?.customer || "访客";
    this.channel.textContent = CHANNELS[conversation.channel] ?? conversation.channel;
    this.state.textContent = stateWords(conversation, this.handoff, desk.me.name);
    this.state.dataset.status = conversation.status;
    this.#renderActs(desk, conversation);
    this.noteTrouble.textContent = notes.trouble ? `内部备注没有读到：${notes.trouble}` : "";
    this.transcript.render({
      messages: detail.messages,
      notes: notes.value?.notes ?? [],
      pending: unsent,
      unreadFrom,
      escalatesAt: desk.corrections.choices?.escalates_at,
    });
    this.typing.textContent = desk.typing.is(front) ? "顾客正在输入…" : "";
    this.composer.render({ conversationId: front, canReply: desk.isMine });
    this.#tick();
  }

  /** Where the words go: the box, or what has to be pressed before there is one. */
  focusReply() {
    if (!this.composer.write("reply")) this.claim.focus();
  }

  #renderBlank(isBlank, { handoffs, isRead }) {
    const [words, hint] = handoffs.length
      ? ["从左边选一个会话", "按 j、k 移动，回车认领，n 认领下一位"]
      : ["现在没有人需要人工", "有人排队时，左边和窗口标题会出现数字"];
    this.blankWords.textContent = words;
    this.blankHint.textContent = hint;
    this.blank.hidden = !isBlank || !isRead;
  }

  #renderMissing(isMissing, trouble) {
    this.missing.hidden = !isMissing;
    const seen = isMissing ? (trouble ?? "") : null;
    if (seen === this.missingSeen) return;
    this.missingSeen = seen;
    this.missing.replaceChildren(trouble ? failure(trouble, () => this.reread()) : loading());
  }

  #turnTo(conversationId) {
    this.conversationId = conversationId;
    this.transcript.clear();
    this.toFacts.href = hrefOf("desk", conversationId, "facts");
    this.#unfold(false);
  }

  #renderActs(desk, conversation) {
    const { handoff } = this;
    const isWaiting = handoff?.state === "waiting";
    const isOthers = handoff?.state === "claimed" && !desk.isMine;
    const { transfer, release, giveBack, end, takeover } = this.acts;
    for (const act of [transfer, release, giveBack, end]) act.hidden = !desk.isMine;
    takeover.hidden = !(isOthers && desk.isLead);
    this.actsNode.hidden = this.more.hidden = !desk.isMine && takeover.hidden;
    this.offer.hidden = desk.isMine;
    this.claim.hidden = !isWaiting;
    this.note.textContent = noteFor(handoff, conversation);
  }

  #unfold(isOpen = this.more.getAttribute("aria-expanded") !== "true") {
    this.more.setAttribute("aria-expanded", String(isOpen));
  }

  #tick() {
    const deadline = this.handoff && deadlineOf(this.handoff, clock.now());
    this.sla.textContent = deadline?.words ?? "";
    this.sla.dataset.level = deadline?.level ?? "";
  }
}

function stateWords({ status }, handoff, name) {
  if (status === "human" && handoff?.associate)
    return handoff.associate === name ? "我在接待" : `${handoff.associate} 接待中`;
  return { bot: "机器人接待中", waiting: "等待认领", human: "人工接待中", closed: "已结束" }[status] ?? status;
}

function noteFor(handoff, conversation) {
  if (handoff?.state === "waiting") return "认领后就可以回复";
  if (handoff?.state === "claimed") return `${handoff.associate} 正在处理，您可以旁观，也可以留备注`;
  return conversation.status === "closed" ? "会话已结束" : "现在由机器人接待";
}
