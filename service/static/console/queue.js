import { el } from "../widget/dom.js";
import { EMOTIONS, waited } from "./words.js";

const URGENT = 80;
const SOON = 50;

/** The left column: who waits, whom I have, whom others have. Rows keep their node, and with it the focus. */
export class Queue {
  constructor(root, { look, take }) {
    this.look = look;
    this.take = take;
    this.rows = new Map(); // handoff_id -> {node, refresh, clock}
    this.sections = {
      waiting: section("等待认领", "现在没有人排队"),
      mine: section("我的会话", "还没有认领会话"),
      others: section("同事在处理", ""),
    };
    root.append(...Object.values(this.sections).map(({ node }) => node));
    setInterval(() => this.#tick(), 1_000);
  }

  render({ handoffs, fetchedAt, name, openId }) {
    this.fetchedAt = fetchedAt;
    const kept = new Set(handoffs.map((handoff) => handoff.handoff_id));
    for (const [id, { node }] of this.rows) {
      if (!kept.has(id)) (node.remove(), this.rows.delete(id));
    }
    const lists = { waiting: [], mine: [], others: [] };
    for (const handoff of handoffs) lists[place(handoff, name)].push(handoff);
    for (const [key, list] of Object.entries(lists)) this.#fill(this.sections[key], list, openId);
    this.sections.others.node.hidden = lists.others.length === 0;
    this.#tick();
  }

  /** j and k: the focus moves, and the rest follows from a focused button. */
  step(by) {
    const rows = [...document.querySelectorAll(".queue .row")];
    const focused = rows.indexOf(document.activeElement);
    const from = focused >= 0 ? focused : rows.findIndex((row) => row.ariaCurrent);
    rows[from < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, from + by))]?.focus();
  }

  #fill({ list, count, empty }, handoffs, openId) {
    count.textContent = handoffs.length ? String(handoffs.length) : "";
    empty.hidden = handoffs.length > 0;
    handoffs.forEach((handoff, index) => {
      let row = this.rows.get(handoff.handoff_id);
      if (!row) this.rows.set(handoff.handoff_id, (row = this.#row(handoff)));
      row.refresh(handoff, handoff.conversation_id === openId);
      if (list.children[index] !== row.node) list.insertBefore(row.node, list.children[index] ?? null);
    });
  }

  #row(first) {
    let handoff = first;
    const part = (name) => el("span", { class: name });
    const parts = {
      urgency: part("urgency"),
      who: el("b"),
      clock: part("clock"),
      mood: part("mood"),
      title: part("title"),
      last: part("last"),
      reason: part("tag"),
      owner: part("owner"),
    };
    const button = el(
      "button",
      {
        type: "button",
        class: "row",
        onclick: () => this.look(handoff),
        onkeydown: (event) => event.key === "Enter" && this.#enter(event, handoff),
      },
      el("span", { class: "line" }, parts.mood, parts.who, parts.urgency, parts.clock),
      parts.title,
      parts.last,
      el("span", { class: "line" }, parts.reason, parts.owner),
    );
    const refresh = (now, isOpen) => {
      handoff = now;
      write(parts, now);
      if (isOpen) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    };
    const tick = (seconds) => (parts.clock.textContent = waited(handoff.waiting_s + seconds));
    return { node: el("li", {}, button), refresh, tick };
  }

  #enter(event, handoff) {
    event.preventDefault();
    this.take(handoff);
  }

  #tick() {
    const seconds = (performance.now() - this.fetchedAt) / 1_000;
    for (const row of this.rows.values()) row.tick(seconds);
  }
}

function write(parts, handoff) {
  const level = handoff.priority >= URGENT ? "urgent" : handoff.priority >= SOON ? "soon" : "calm";
  parts.urgency.textContent = { urgent: "紧急", soon: "优先", calm: "" }[level];
  parts.urgency.dataset.level = level;
  parts.urgency.title = `优先级 ${handoff.priority}`;
  parts.who.textContent = handoff.customer;
  parts.mood.dataset.emotion = handoff.emotion;
  parts.mood.title = `情绪：${EMOTIONS[handoff.emotion] ?? handoff.emotion}`;
  parts.mood.setAttribute("role", "img");
  parts.mood.setAttribute("aria-label", parts.mood.title);
  parts.title.textContent = handoff.order_title ?? "";
  parts.last.textContent = handoff.last_text ?? "";
  parts.reason.textContent = handoff.reason_words;
  parts.owner.textContent = handoff.associate ? `${handoff.associate} 在处理` : "";
}

function place(handoff, name) {
  if (handoff.state === "waiting") return "waiting";
  return handoff.associate === name ? "mine" : "others";
}

function section(title, nobody) {
  const count = el("span", { class: "count" });
  const list = el("ul");
  const empty = el("p", { class: "empty" }, nobody);
  return { node: el("section", { class: "group" }, el("h2", {}, title, count), empty, list), count, list, empty };
}
