import { el } from "./dom.js";
import { offerCard } from "./offer.js";
import { moment } from "./words.js";

const AUTHORS = { shopper: "您", bot: "智能客服", associate: "人工客服", system: "系统" };
const QUIET_MS = 5 * 60_000;
const NEAR_PX = 80;

/** The bubbles. Text goes in as text; nothing a person or the bot wrote is ever read as markup. */
export class Transcript {
  constructor({ press, retry }) {
    this.press = press;
    this.retry = retry;
    this.entries = new Map(); // message_id -> {node, refresh}
    this.log = el("div", { role: "log", "aria-live": "polite", "aria-label": "聊天记录", class: "log", tabindex: "0" });
    this.jump = el("button", { class: "jump", type: "button", hidden: true, onclick: () => this.toEnd() }, "有新消息");
    this.log.addEventListener("scroll", () => this.#scrolled());
    this.isPinned = true; // to the end, also when the log grows smaller
    new ResizeObserver(() => this.isPinned && this.toEnd()).observe(this.log);
  }

  render(messages, status) {
    const before = this.entries.size;
    const kept = new Set(messages.map((message) => message.message_id));
    for (const [id, { node }] of this.entries) {
      if (!kept.has(id)) (node.remove(), this.entries.delete(id));
    }
    messages.forEach((message, index) => this.#place(message, messages, index, status));
    if (this.entries.size === before) return;
    if (this.isPinned || messages.at(-1)?.author === "shopper") this.toEnd();
    else this.jump.hidden = before === 0;
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
    this.isPinned = true;
    this.jump.hidden = true;
  }

  #scrolled() {
    this.isPinned = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_PX;
    if (this.isPinned) this.jump.hidden = true;
  }

  #place(message, messages, index, status) {
    let entry = this.entries.get(message.message_id);
    if (!entry) this.entries.set(message.message_id, (entry = this.#entry(message)));
    if (this.log.children[index] !== entry.node) this.log.insertBefore(entry.node, this.log.children[index] ?? null);
    entry.refresh(message, messages[index - 1], () => messages.slice(index + 1), status);
  }

  #entry(message) {
    const when = el("time", { class: "when", datetime: message.at }, moment(message.at));
    if (message.author === "system") {
      const node = el("div", { class: "entry system" }, when, el("p", { class: "line" }, message.text));
      return { node, refresh: (_, previous) => (when.hidden = !isLater(message, previous)) };
    }
    const author = message.associate ? `客服${message.associate}` : AUTHORS[message.author];
    const state = el("p", { class: "state" });
    const bubble = el("div", { class: "bubble" }, el("span", { class: "sr" }, `${author}：`), message.text);
    const card = message.offer && offerCard(message, this.press);
    const replies = this.#replies(card ? card.others : (message.buttons ?? []));
    const label = message.author === "associate" && el("span", { class: "author", "aria-hidden": "true" }, author);
    const node = el("div", { class: `entry ${message.author}` }, when, label, bubble, card?.node, replies?.node, state);
    const refresh = (now, previous, later, status) => {
      when.hidden = !isLater(now, previous);
      this.#refreshState(state, now);
      card?.refresh(later(), status);
      replies?.refresh(later(), status);
    };
    return { node, refresh };
  }

  #refreshState(state, message) {
    if (state.dataset.is === (message.delivery ?? "")) return;
    state.dataset.is = message.delivery ?? "";
    const words = {
      sending: "发送中",
      failed: el("button", { type: "button", onclick: this.retry }, "未送达，点此重试"),
      refused: `未送达：${message.refusal}`,
    };
    state.replaceChildren(words[message.delivery] ?? "");
  }

  /** Shortcuts under a bubble; spent once the shopper has answered or the bot has put newer ones. */
  #replies(buttons) {
    if (!buttons.length) return null;
    const chips = buttons.map((button) =>
      el("button", { type: "button", onclick: () => this.press(button.text) }, button.title),
    );
    const refresh = (later, status) => {
      const answer = later.find((message) => message.author === "shopper");
      const isSpent = status === "closed" || answer || later.some((message) => message.buttons || message.offer);
      chips.forEach((chip, index) => {
        chip.disabled = Boolean(isSpent);
        chip.classList.toggle("chosen", answer?.text === buttons[index].text);
      });
    };
    return { node: el("div", { class: "replies", role: "group", "aria-label": "快捷回复" }, ...chips), refresh };
  }
}

function isLater(message, previous) {
  return !previous || Date.parse(message.at) - Date.parse(previous.at) > QUIET_MS;
}
