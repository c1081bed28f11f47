import { el, press } from "./dom.js";
import { offerCard } from "./offer.js";
import { pictureOf } from "./picture.js";
import { moment } from "./words.js";

const AUTHORS = { shopper: "您", bot: "智能客服", associate: "人工客服" };
const QUIET_MS = 5 * 60_000;
const NEAR_PX = 80;
const A_TURN = 4; // messages
const HUSH_MS = 1_000;
const PICTURE = "[图片]"; // the text of a message that is a picture and nothing else

/**
 * The bubbles. Text goes in as text; nothing a person or the bot wrote is ever read as markup.
 * `say(text)` for a pressed shortcut, `retry()` for what was not sent, `load(id)` for a picture.
 */
export function transcriptOf({ say, retry, load }) {
  const entries = new Map(); // message_id -> {node, refresh}
  let isPinned = true; // to the end, also when the log grows smaller
  const log = el("div.log", { role: "log", "aria-label": "聊天记录", tabindex: "0", onscroll: scrolled });
  const jump = press("jump", toEnd, "有新消息");
  jump.hidden = true;
  new ResizeObserver(() => isPinned && toEnd()).observe(log);

  /** `talk`: {status, offer}. */
  function render(messages, talk) {
    const before = entries.size;
    const kept = new Set(messages.map(({ message_id }) => message_id));
    for (const [id, { node }] of entries) {
      if (!kept.has(id)) (node.remove(), entries.delete(id));
    }
    messages.forEach((message, index) => {
      const entry = entries.get(message.message_id) ?? entryOf(message);
      entries.set(message.message_id, entry);
      const here = log.children[index];
      if (here !== entry.node) log.insertBefore(entry.node, here ?? null);
      const { at } = messages[index - 1] ?? {};
      entry.when.hidden = at && Date.parse(message.at) - Date.parse(at) < QUIET_MS;
      entry.refresh?.(message, () => messages.slice(index + 1), talk);
    });
    if (entries.size === before) return;
    if (entries.size > before + A_TURN) hush();
    if (isPinned || messages.at(-1)?.author === "shopper") toEnd();
    else jump.hidden = !before;
  }

  /** A history that arrives at once is there to be read, not to be read out. */
  function hush() {
    log.ariaLive = "off";
    setTimeout(() => (log.ariaLive = "polite"), HUSH_MS);
  }

  function toEnd() {
    log.scrollTop = log.scrollHeight;
    isPinned = jump.hidden = true;
  }

  function scrolled() {
    isPinned = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_PX;
    if (isPinned) jump.hidden = true;
  }

  function entryOf({ at, author, associate, text, attachment, offer, buttons, ...message }) {
    const when = el("time.when", { datetime: at }, moment(at));
    if (author === "system") return { when, node: el("div.entry.system", {}, when, el("p.line", {}, text)) };
    const name = associate ? `客服${associate}` : AUTHORS[author];
    const words = attachment && text === PICTURE ? "" : text;
    const picture = attachment && pictureOf(attachment, () => load(attachment.id));
    const bubble = el(words ? "div.bubble" : "div.bubble.bare", {}, el("span.sr", {}, `${name}：`), picture, words);
    const label = author === "associate" && el("span.author", { "aria-hidden": "true" }, name);
    const card = offer && offerCard({ ...message, offer, buttons }, say);
    const replies = repliesOf(card ? card.others : (buttons ?? []));
    const state = el("p.state");
    const node = el(`div.entry.${author}`, {}, when, label, bubble, card?.node, replies?.node, state);
    const refresh = (now, later, talk) => {
      tellState(state, now);
      card?.refresh(later(), talk);
      replies?.refresh(later(), talk);
    };
    return { when, node, refresh };
  }

  function tellState(state, { delivery = "", refusal }) {
    if (state.dataset.is === delivery) return;
    state.dataset.is = delivery;
    const words = {
      sending: "发送中",
      failed: press("link", retry, "未送达，点此重试"),
      refused: `未送达：${refusal}`,
    };
    state.replaceChildren(words[delivery] ?? "");
  }

  /** Shortcuts under a bubble; spent once the shopper has answered or the bot has put newer ones. */
  function repliesOf(buttons) {
    if (!buttons[0]) return null;
    const chips = buttons.map(({ title, text }) => press("chip", () => say(text), title));
    const refresh = (later, { status }) => {
      const answer = later.find(({ author }) => author === "shopper");
      const isSpent = status === "closed" || answer || later.some((message) => message.buttons || message.offer);
      chips.forEach((chip, index) => {
        chip.disabled = Boolean(isSpent);
        chip.classList.toggle("chosen", answer?.text === buttons[index].text);
      });
    };
    return { node: el("div.replies", { role: "group", "aria-label": "快捷回复" }, ...chips), refresh };
  }

  return { log, jump, render, toEnd };
}
