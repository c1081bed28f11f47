import { el } from "../widget/dom.js";
import { placeOf } from "./board.js";
import { drafts } from "./drafts.js";
import { Filters } from "./filters.js";
import { Row } from "./row.js";

/** The left column: my conversations, who waits, whom others have. Rows keep their node, and with it the focus. */
export class Queue {
  constructor(root, { look, take, claimNext, changed }) {
    this.does = { look, take };
    this.rows = new Map(); // handoff_id -> Row
    this.filters = new Filters({ changed });
    this.next = el("button", { type: "button", class: "solid next", onclick: () => claimNext() }, "认领下一位");
    this.sections = {
      mine: section("我的会话", "还没有认领会话"),
      waiting: section("等待认领", "现在没有人排队"),
      others: section("同事在处理", ""),
    };
    this.sections.waiting.heading.append(this.next);
    this.node = el("div", { class: "lists" }, ...Object.values(this.sections).map(({ node }) => node));
    root.append(this.filters.node, this.node);
    setInterval(() => document.hidden || this.rows.forEach((row) => row.tick()), 1_000);
  }

  render({ board, talks, name }) {
    const shown = board.handoffs.filter((handoff) => placeOf(handoff, name) === "mine" || this.filters.fits(handoff));
    this.filters.render(board.handoffs, board.handoffs.length - shown.length);
    const lists = { mine: [], waiting: [], others: [] };
    for (const handoff of shown) lists[placeOf(handoff, name)].push(handoff);
    const ids = new Set(shown.map(({ handoff_id }) => handoff_id));
    for (const [id, { node }] of this.rows) if (!ids.has(id)) (node.remove(), this.rows.delete(id));
    for (const [place, list] of Object.entries(lists)) this.#fill(this.sections[place], list, { talks, name });
    for (const { node } of Object.values(this.sections)) node.classList.toggle("is-reading", !board.isRead);
    this.sections.others.node.hidden = lists.others.length === 0;
    this.next.hidden = !board.next(name);
  }

  /** j and k: the focus moves, and the rest follows from a focused button. */
  step(by) {
    const rows = [...this.node.querySelectorAll(".row")];
    const focused = rows.indexOf(document.activeElement);
    const from = focused >= 0 ? focused : rows.findIndex((row) => row.ariaCurrent);
    rows[from < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, from + by))]?.focus();
  }

  #fill({ list, count, empty }, handoffs, { talks, name }) {
    count.textContent = handoffs.length ? String(handoffs.length) : "";
    empty.hidden = handoffs.length > 0;
    handoffs.forEach((handoff, index) => {
      const { handoff_id, conversation_id } = handoff;
      let row = this.rows.get(handoff_id);
      if (!row) this.rows.set(handoff_id, (row = new Row(handoff, this.does)));
      const isMine = handoff.associate === name;
      row.refresh(handoff, {
        name,
        isOpen: conversation_id === talks.front,
        unread: isMine ? talks.unread(conversation_id) : 0,
        unanswered: isMine ? talks.unanswered(conversation_id) : null,
        hasDraft: Boolean(drafts.get(conversation_id, "reply")),
      });
      if (list.children[index] !== row.node) list.insertBefore(row.node, list.children[index] ?? null);
    });
  }
}

function section(title, nobody) {
  const count = el("span", { class: "count" });
  const list = el("ul");
  const empty = el("p", { class: "empty" }, nobody);
  const heading = el("h2", {}, title, count);
  return { node: el("section", { class: "group" }, heading, empty, list), heading, count, list, empty };
}
