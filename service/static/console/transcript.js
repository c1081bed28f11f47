import { el } from "../widget/dom.js";
import { dayOf } from "./words.js";
import { dayEntry, messageEntry, noteEntry, pendingEntry, unreadEntry } from "./entry.js";

const NEAR_PX = 120;

/** The conversation as it happened: messages, notes between them, and at the end what is not sent yet. */
export class Transcript {
  constructor({ correct, retry, drop, reachedEnd }) {
    this.does = { correct, retry, drop, reachedEnd };
    this.entries = new Map(); // key -> {node, seen}
    this.node = el("div", {
      class: "log",
      role: "log",
      "aria-live": "polite",
      "aria-label": "会话记录",
      tabindex: "0",
    });
    this.jump = el(
      "button",
      { type: "button", class: "jump", hidden: true, onclick: () => this.toEnd() },
      "↓ 有新消息",
    );
    this.isPinned = true;
    this.node.addEventListener("scroll", () => this.#scrolled());
    new ResizeObserver(() => this.isPinned && this.#keepAtEnd()).observe(this.node);
  }

  clear() {
    this.entries.clear();
    this.node.replaceChildren();
    this.isPinned = true;
    this.jump.hidden = true;
    this.lastSeq = null;
  }

  /** `unreadFrom`: seq of the last message that had been read when the conversation was opened, or null. */
  render({ messages, notes, pending, unreadFrom, escalatesAt }) {
    const isFirst = this.entries.size === 0;
    const arrived = new Set(messages.map(({ message_id }) => message_id)); // pushed before the reply was answered
    const unsent = pending.filter(({ message_id }) => !arrived.has(message_id));
    const wanted = [...this.#said(messages, notes, unreadFrom, escalatesAt), ...this.#pending(unsent)];
    this.#place(wanted);
    const last = messages.at(-1);
    const isNews = this.lastSeq !== null && last?.seq > this.lastSeq && last.author === "shopper";
    this.lastSeq = last?.seq ?? 0;
    if (isFirst && unreadFrom !== null) this.#toUnread();
    else if (this.isPinned) this.#keepAtEnd();
    else if (isNews) this.jump.hidden = false;
  }

  toEnd() {
    this.isPinned = true;
    this.#keepAtEnd();
  }

  /** The entry of a message that was just corrected is a new one, and the focus went with the old one. */
  focusCorrect({ seq }) {
    this.entries.get(`message:${seq}`)?.node.querySelector(".correct button")?.focus();
  }

  *#said(messages, notes, unreadFrom, escalatesAt) {
    const waiting = [...notes];
    let day = null;
    let isUnreadMarked = unreadFrom === null;
    for (const [index, message] of messages.entries()) {
      while (waiting.length && Date.parse(waiting[0].at) < Date.parse(message.at)) yield noteOf(waiting.shift());
      const words = dayOf(message.at);
      if (words !== day) yield { key: `day:${words}`, seen: words, draw: () => dayEntry(words) };
      day = words;
      if (!isUnreadMarked && message.seq > unreadFrom) {
        isUnreadMarked = true;
        yield { key: "unread", seen: "", draw: unreadEntry };
      }
      const previous = messages[index - 1];
      const { correct } = this.does;
      yield {
        key: `message:${message.seq}`,
        seen: JSON.stringify([message, escalatesAt]),
        draw: () => messageEntry(message, previous, { escalatesAt, correct }),
      };
    }
    for (const note of waiting) yield noteOf(note);
  }

  #pending(entries) {
    const { retry, drop } = this.does;
    return entries.map((entry) => ({
      key: `pending:${entry.message_id}`,
      seen: entry.trouble ?? "",
      draw: () => pendingEntry(entry, { retry, drop: () => drop(entry) }),
    }));
  }

  /** What has not changed keeps its node, and with it the focus and what is unfolded. */
  #place(wanted) {
    let next = this.node.firstChild;
    const keys = new Set();
    for (const { key, seen, draw } of wanted) {
      keys.add(key);
      let entry = this.entries.get(key);
      if (entry?.seen !== seen) {
        const node = draw();
        if (entry) {
          if (entry.node === next) next = node;
          entry.node.replaceWith(node);
        }
        entry = { node, seen };
        this.entries.set(key, entry);
      }
      if (entry.node === next) next = next.nextSibling;
      else this.node.insertBefore(entry.node, next);
    }
    for (const [key, { node }] of this.entries) if (!keys.has(key)) (node.remove(), this.entries.delete(key));
  }

  #toUnread() {
    const mark = this.entries.get("unread")?.node;
    if (!mark) return this.toEnd();
    mark.scrollIntoView({ block: "center" });
    this.#scrolled();
  }

  #keepAtEnd() {
    this.node.scrollTop = this.node.scrollHeight;
    this.jump.hidden = true;
  }

  #scrolled() {
    this.isPinned = this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < NEAR_PX;
    if (!this.isPinned) return;
    this.jump.hidden = true;
    this.does.reachedEnd();
  }
}

function noteOf(note) {
  return { key: `note:${note.note_id}`, seen: note.text, draw: () => noteEntry(note) };
}
