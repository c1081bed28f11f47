import { el } from "../widget/dom.js";
import { moment, yuan } from "../widget/words.js";
import { AUTHORS, CORRECTED, EMOTIONS, OUTCOMES, REASONS, percent } from "./words.js";

const NEAR_PX = 120;

/** The conversation as it happened, with what was heard under a shopper's bubble and what was decided under the turn. */
export class Transcript {
  constructor({ correct }) {
    this.correct = correct;
    this.entries = new Map(); // seq -> {node, seen}
    this.node = el("div", {
      class: "log",
      role: "log",
      "aria-live": "polite",
      "aria-label": "会话记录",
      tabindex: "0",
    });
    this.isPinned = true;
    this.node.addEventListener("scroll", () => {
      this.isPinned = this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < NEAR_PX;
    });
    new ResizeObserver(() => this.isPinned && this.#toEnd()).observe(this.node);
  }

  clear() {
    this.entries.clear();
    this.node.replaceChildren();
    this.isPinned = true;
  }

  /** A message calls a person from this probability on. */
  render(messages, escalatesAt) {
    messages.forEach((message, index) => {
      const seen = JSON.stringify(message);
      const before = this.entries.get(message.seq);
      if (before?.seen === seen) return;
      const heardAs = message.hearing && heard(message, escalatesAt, () => this.correct(message));
      const node = entry(message, messages[index - 1], heardAs);
      if (before) before.node.replaceWith(node);
      else this.node.append(node);
      this.entries.set(message.seq, { node, seen });
    });
    if (this.isPinned) this.#toEnd();
  }

  /** The entry of a message that was just corrected is a new one, and the focus went with the old one. */
  focusCorrect({ seq }) {
    this.entries.get(seq)?.node.querySelector(".correct button")?.focus();
  }

  #toEnd() {
    this.node.scrollTop = this.node.scrollHeight;
  }
}

function entry(message, previous, heardAs) {
  if (message.author === "system")
    return el("div", { class: "entry system" }, el("p", { class: "line" }, message.text));
  const name = message.associate ? `客服${message.associate}` : AUTHORS[message.author];
  const isSame = previous?.author === message.author && previous.associate === message.associate;
  const head = el(
    "p",
    { class: isSame ? "head sr" : "head" },
    name,
    " ",
    el("time", { datetime: message.at }, moment(message.at)),
  );
  return el(
    "div",
    { class: `entry ${message.author}` },
    head,
    el("div", { class: "bubble" }, message.text),
    message.offer &&
      el("p", { class: "offered" }, `补偿方案：${message.offer.title}，价值 ${yuan(message.offer.value_fen)}`),
    message.buttons?.length &&
      el("p", { class: "offered" }, `快捷回复：${message.buttons.map(({ title }) => title).join(" / ")}`),
    heardAs,
    message.decision && decided(message.decision),
  );
}

function heard({ hearing, correction }, escalatesAt, correct) {
  const mood = hearing.emotion_words ?? EMOTIONS[hearing.emotion] ?? hearing.emotion;
  return el(
    "ul",
    { class: "heard", "aria-label": "听出了什么" },
    el("li", { title: "意图与把握" }, hearing.intent_words ?? hearing.intent, el("b", {}, percent(hearing.confidence))),
    ...hearing.reasons.map((reason) => el("li", { class: "why", title: "原因" }, REASONS[reason] ?? reason)),
    el(
      "li",
      { title: "情绪与强度", "data-emotion": hearing.emotion },
      mood,
      hearing.emotion !== "neutral" && el("b", {}, percent(hearing.intensity)),
    ),
    hearing.escalate >= escalatesAt && el("li", { class: "why", title: "听出需要人工接手" }, "需要人工"),
    correction && corrected(correction),
    el(
      "li",
      { class: "correct" },
      el("button", { type: "button", title: "听错了？告诉机器人应该怎么理解", onclick: correct }, "纠正"),
    ),
  );
}

function corrected({ state, proposer, proposed_at, labels }) {
  const title = `${proposer} ${moment(proposed_at)} 纠正为：${labels.intent_words}`;
  return el("li", { class: "corrected", "data-state": state, title }, CORRECTED[state]);
}

function decided(decision) {
  const facts = {
    依据: decision.why,
    结果: decision.outcome && (OUTCOMES[decision.outcome] ?? decision.outcome),
    流失概率:
      decision.probability != null &&
      percent(decision.probability) + (decision.threshold != null ? `（阈值 ${percent(decision.threshold)}）` : ""),
    规则: decision.rule,
    方案: decision.offer_id,
    版本: [decision.model_version, decision.rule_version, decision.catalog_version].filter(Boolean).join(" · "),
  };
  const rows = Object.entries(facts)
    .filter(([, value]) => value)
    .flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]);
  const what = decision.intervention_words ?? decision.intervention;
  return el(
    "details",
    { class: "decided" },
    el("summary", {}, el("b", {}, what), decision.why || facts.结果 || ""),
    el("dl", {}, ...rows),
  );
}
