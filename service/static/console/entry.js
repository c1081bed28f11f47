import { el } from "../widget/dom.js";
import { moment, yuan } from "../widget/words.js";
import { AUTHORS, CORRECTED, EMOTIONS, OUTCOMES, REASONS, percent } from "./words.js";

const WIDEST_PX = 280;
const HIGHEST_PX = 320;

/** What was said, with what was heard in it and what was decided about it. A message calls a person from `escalatesAt` on. */
export function messageEntry(message, previous, { escalatesAt, correct }) {
  if (message.author === "system")
    return el("div", { class: "entry system" }, el("p", { class: "line" }, message.text, " ", time(message.at)));
  const name = message.associate ? `客服${message.associate}` : AUTHORS[message.author];
  const isSame = previous?.author === message.author && previous.associate === message.associate;
  return el(
    "div",
    { class: `entry ${message.author}` },
    el("p", { class: isSame ? "head sr" : "head" }, name, " ", time(message.at)),
    message.attachment && picture(message.attachment, name),
    message.text && el("div", { class: "bubble" }, message.text),
    message.offer && offered(message.offer),
    message.buttons?.length &&
      el("p", { class: "offered" }, `快捷回复：${message.buttons.map(({ title }) => title).join(" / ")}`),
    message.hearing && heard(message, escalatesAt, () => correct(message)),
    message.decision && decided(message.decision),
  );
}

/** What an associate wrote for other associates. */
export function noteEntry({ author, text, at }) {
  return el(
    "div",
    { class: "entry note" },
    el("p", { class: "head" }, `${author} 的内部备注 `, time(at)),
    el("div", { class: "bubble" }, text),
  );
}

/** A reply that is on its way, or is stuck. */
export function pendingEntry({ text, trouble }, { retry, drop }) {
  const state = trouble
    ? el(
        "p",
        { class: "stuck" },
        `还没有送达：${trouble}`,
        el("button", { type: "button", class: "plain", onclick: retry }, "马上重试"),
        el("button", { type: "button", class: "plain", onclick: drop }, "撤回到输入框"),
      )
    : el("p", { class: "head" }, "正在发送…");
  return el(
    "div",
    { class: `entry associate ${trouble ? "is-stuck" : "is-sending"}` },
    el("div", { class: "bubble" }, text),
    state,
  );
}

export function dayEntry(words) {
  return el("div", { class: "entry system" }, el("p", { class: "day" }, words));
}

export function unreadEntry() {
  return el("div", { class: "entry unread", role: "separator" }, el("span", {}, "以下是新消息"));
}

function time(at) {
  return el("time", { datetime: at }, moment(at));
}

/** Its room is known before it is there, so that nothing jumps. */
function picture({ id, width, height }, name) {
  const source = `/console/api/attachments/${encodeURIComponent(id)}`;
  const scale = Math.min(1, WIDEST_PX / width, HIGHEST_PX / height);
  const size = { width: Math.round(width * scale), height: Math.round(height * scale) };
  const shown = el("img", { src: source, ...size, alt: `${name}发来的图片`, loading: "lazy" });
  return el("a", { class: "picture", href: source, target: "_blank", rel: "noopener", title: "看原图" }, shown);
}

function offered({ title, value_fen, expires_at }) {
  return el(
    "p",
    { class: "offered card-like" },
    el("b", {}, `补偿方案：${title}`),
    `价值 ${yuan(value_fen)}`,
    expires_at && `，有效到 ${moment(expires_at)}`,
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
      percent(decision.probability) + (decision.threshold != null ? `（${percent(decision.threshold)} 起介入）` : ""),
    场景: decision.scenario,
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
