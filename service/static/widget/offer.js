import { el, icon, press } from "./dom.js";
import { left, yuan } from "./words.js";

const ACCEPT = "接受方案";
const DECLINE = "不需要";
const GIFT =
  "M4 11h16v9H4zM3 7h18v4H3zM12 7v13M12 7C9 7 7 6 7 4.5S8 2.5 9 3s3 2 3 4c0-2 2-3.5 3-4s2 0 2 1.5S15 7 12 7z";
const SETTLED = { accepted: "您已选择", declined: "您没有选择", replaced: "已有新方案" };
const TICK_MS = 20_000;

/**
 * A proposal the shopper can take, leave or ask about. It stays open until it expires, is answered or replaced, or the
 * ledger has it otherwise: an associate may have granted it.
 * `others` are the buttons of its message that the card does not carry itself.
 */
export function offerCard({ offer, buttons = [] }, say) {
  const others = buttons.filter(({ text }) => text !== ACCEPT && text !== DECLINE && !text.startsWith("为什么"));
  const title = (text) => buttons.find((button) => button.text === text)?.title ?? text; // it may be in Traditional script
  const accept = press("accept", () => say(ACCEPT), title(ACCEPT));
  const decline = press("decline", () => say(DECLINE), title(DECLINE));
  const reason = el("p.reason", { hidden: true }, offer.why);
  const why = press("why", unfold, "为什么");
  why.ariaExpanded = "false";
  const clock = el("span.clock", { role: "timer" });
  const node = el(
    "section.offer",
    { "aria-label": `补偿方案：${offer.title}` },
    el("header", {}, icon(GIFT), el("strong", {}, offer.title)),
    el("p.worth", {}, "价值 ", el("b", {}, yuan(offer.value_fen)), clock),
    reason,
    el("div.choices", {}, accept, why, decline),
  );
  const ends = new Set([ACCEPT, DECLINE, ...others.map(({ text }) => text)]);
  let state = "open";
  let words;
  const tick = () => {
    const rest = left(offer.expires_at);
    clock.textContent = SETTLED[state] ?? words ?? (rest ? `还剩 ${rest}` : "已过期");
    accept.disabled = decline.disabled = state !== "open" || !rest;
    node.dataset.state = state === "open" && !rest ? "expired" : state;
    if (!rest || !node.isConnected) clearInterval(ticking);
  };
  const ticking = setInterval(tick, TICK_MS);
  const refresh = (later, { status, offer: known }) => {
    const answer = later.find(({ author, text }) => author === "shopper" && ends.has(text));
    if (answer) state = answer.text === ACCEPT ? "accepted" : "declined";
    else if (later.some((message) => message.offer)) state = "replaced";
    else if (known?.grant_id === offer.grant_id && known.state !== "proposed") ({ state, words } = known);
    else state = status === "bot" ? "open" : "paused"; // a person has the word now; the offer still stands
    tick();
  };

  function unfold() {
    reason.hidden = !reason.hidden;
    why.ariaExpanded = String(!reason.hidden);
  }
  return { node, others, refresh };
}
