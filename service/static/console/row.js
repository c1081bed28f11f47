import { el } from "../widget/dom.js";
import { clock } from "./clock.js";
import { deadlineOf } from "./deadline.js";
import { EMOTIONS, skillWords, waited } from "./words.js";

const URGENT = 80;
const SOON = 50;

/** One conversation of the queue. It keeps its node, and with it the focus; `tick` moves its clocks. */
export class Row {
  constructor(handoff, { look, take }) {
    const part = (name, attributes = {}) => el("span", { class: name, ...attributes });
    this.parts = {
      mood: part("mood", { role: "img" }),
      who: el("b"),
      urgency: part("urgency"),
      unread: part("unread"),
      clock: part("clock"),
      title: part("title"),
      last: part("last"),
      sla: part("sla"),
      reason: part("tag"),
      skill: part("tag skill"),
      owner: part("owner"),
    };
    const { mood, who, urgency, unread, clock: wait, title, last, sla, reason, skill, owner } = this.parts;
    this.button = el(
      "button",
      {
        type: "button",
        class: "row",
        onclick: () => look(this.handoff),
        onkeydown: (event) => event.key === "Enter" && (event.preventDefault(), take(this.handoff)),
      },
      el("span", { class: "line" }, mood, who, urgency, unread, wait),
      el("span", { class: "line" }, title, owner),
      last,
      el("span", { class: "line tags" }, sla, reason, skill),
    );
    this.node = el("li", {}, this.button);
    this.handoff = handoff;
  }

  /** `unread` messages; `unanswered`: since when the shopper waits for our word, where that is known. */
  refresh(handoff, { isOpen, unread, unanswered, name, hasDraft }) {
    this.handoff = handoff;
    this.unanswered = unanswered;
    const { parts } = this;
    const level = handoff.priority >= URGENT ? "urgent" : handoff.priority >= SOON ? "soon" : "calm";
    parts.urgency.textContent = { urgent: "紧急", soon: "优先", calm: "" }[level];
    parts.urgency.dataset.level = level;
    parts.urgency.title = `优先级 ${handoff.priority}`;
    parts.unread.replaceChildren(...(unread ? [String(unread), el("span", { class: "sr" }, " 条未读")] : []));
    parts.who.textContent = handoff.customer || "访客";
    parts.who.title = parts.who.textContent;
    const mood = moodWords(handoff);
    parts.mood.dataset.emotion = handoff.worst_emotion;
    parts.mood.title = mood;
    parts.mood.setAttribute("aria-label", mood);
    parts.title.textContent = handoff.order_title || "还没说是哪一单";
    parts.last.textContent = hasDraft ? "[草稿] " : "";
    parts.last.append(handoff.last_text ?? "");
    parts.reason.textContent = handoff.reason_words;
    parts.skill.textContent = handoff.skill ? skillWords(handoff.skill) : "";
    parts.owner.textContent = ownerWords(handoff, name);
    parts.owner.classList.toggle("is-mine", handoff.held_for === name);
    if (isOpen) this.button.setAttribute("aria-current", "true");
    else this.button.removeAttribute("aria-current");
    this.tick();
  }

  tick() {
    const now = clock.now();
    const { handoff, parts } = this;
    const since = this.unanswered ?? (handoff.state === "waiting" ? handoff.opened_at : null);
    parts.clock.textContent = since ? waited((now - Date.parse(since)) / 1_000) : "";
    parts.clock.title = !since ? "" : handoff.state === "waiting" ? "已等待" : "顾客在等您回复";
    const deadline = deadlineOf(handoff, now);
    parts.sla.textContent = deadline?.words ?? "";
    parts.sla.dataset.level = deadline?.level ?? "";
  }
}

/** The worst of late, which is the colour of the dot, and how it is now. */
function moodWords({ emotion, worst_emotion: worst }) {
  const now = EMOTIONS[emotion] ?? emotion;
  return worst === emotion ? `情绪：${now}` : `情绪：刚才${EMOTIONS[worst] ?? worst}，现在${now}`;
}

function ownerWords({ state, associate, held_for, position, releases }, name) {
  if (held_for) return held_for === name ? "转给您的" : `留给 ${held_for}`;
  if (state === "waiting") {
    const back = releases ? `退回过 ${releases} 次 · ` : "";
    return position ? `${back}第 ${position} 位` : back.replace(" · ", "");
  }
  return associate && associate !== name ? `${associate} 在处理` : "";
}
