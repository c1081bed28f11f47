import { el } from "../widget/dom.js";
import { moment } from "../widget/words.js";
import { Problem, at, call } from "./api.js";
import { failure, loading, nothing } from "./blanks.js";
import { clock } from "./clock.js";
import { hrefOf } from "./place.js";
import { span } from "./words.js";

const STATES = { open: "待办", done: "已完成" };

/** Call-backs that shoppers asked for, and orders in danger whose shopper cannot be written to: taken by one, who then sees the whole number, and done with a word what came of it. */
export class Tasks {
  constructor(root, { counted }) {
    this.counted = counted;
    this.state = "open";
    this.name = null; // who is logged in
    this.cards = new Map(); // task_id -> {seen, node}
    this.list = el("ul", { class: "cards", "aria-label": "联系任务" });
    this.heading = el("h1", { tabindex: "-1" }, "联系任务");
    this.tabs = Object.entries(STATES).map(([state, words]) =>
      el("button", { type: "button", "data-state": state, onclick: () => this.#turnTo(state) }, words),
    );
    this.body = el("div", { "aria-live": "polite" });
    root.append(
      el(
        "div",
        { class: "page" },
        el("header", { class: "page-head" }, this.heading, el("div", { class: "modes" }, ...this.tabs)),
        this.body,
      ),
    );
  }

  show() {
    this.body.replaceChildren(loading());
    return this.read();
  }

  /** For the number beside the name of the view, too. */
  async read() {
    for (const tab of this.tabs) tab.setAttribute("aria-pressed", String(tab.dataset.state === this.state));
    const { state } = this;
    try {
      const { tasks } = await call("GET", `tasks?state=${state}`);
      if (state !== this.state) return;
      if (state === "open") this.counted(tasks.length);
      this.#render(tasks);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      this.body.replaceChildren(failure(problem.message, () => this.show()));
    }
  }

  #turnTo(state) {
    this.state = state;
    return this.show();
  }

  /** A card that says the same keeps its node: what is being written about a task must outlive the next reading. */
  #render(tasks) {
    const isOpen = this.state === "open";
    if (!tasks.length) {
      this.cards.clear();
      const hint = isOpen && "顾客留下联系方式请人回电，或者订单需要有人主动联系，会出现在这里";
      return this.body.replaceChildren(nothing(isOpen ? "没有待办的联系" : "还没有办完的联系", hint));
    }
    const before = this.cards;
    this.cards = new Map(
      tasks.map((task) => {
        const seen = JSON.stringify(task);
        const card = before.get(task.task_id);
        return [task.task_id, card?.seen === seen ? card : { seen, node: this.#card(task) }];
      }),
    );
    if (!this.list.isConnected) this.body.replaceChildren(this.list);
    const nodes = [...this.cards.values()].map(({ node }) => node);
    if (nodes.length !== this.list.children.length || nodes.some((node, at) => this.list.children[at] !== node))
      this.list.replaceChildren(...nodes);
  }

  #card(task) {
    const problem = el("p", { class: "problem", role: "alert" });
    const contact = el("b", { class: "contact" }, task.contact);
    const isMine = task.state === "open" && task.handler === this.name;
    if (isMine) this.#reveal(task, contact, problem);
    return el(
      "li",
      { class: "card" },
      el(
        "p",
        { class: "about" },
        el("b", {}, task.customer || "访客"),
        task.kind === "reach_out" && el("span", { class: "tag" }, "主动关怀"),
        `${moment(task.opened_at)} 提出`,
        dueTag(task),
        task.order_no && `订单 ${task.order_no}`,
        task.conversation_id && el("a", { href: hrefOf("desk", task.conversation_id) }, "查看会话"),
      ),
      el("p", { class: "wish" }, task.wish),
      el("p", { class: "contact-line" }, "联系方式 ", contact),
      isMine ? this.#form(task, problem) : this.#standing(task, problem),
      problem,
    );
  }

  #standing(task, problem) {
    if (task.state === "done") return el("p", { class: "fine" }, `${task.done_by}：${task.note || "已联系"}`);
    if (task.handler) return el("p", { class: "fine" }, `${task.handler} 在处理`);
    const take = () => this.#do(task, "take", {}, problem);
    return el("p", { class: "verdict" }, el("button", { type: "button", onclick: take }, task.kind === "reach_out" ? "我来联系" : "我来回电"));
  }

  #form(task, problem) {
    const note = el("input", {
      "aria-label": "结果",
      placeholder: "说一句结果，例如 已回电，改约周六送",
      required: true,
      maxlength: 500,
    });
    const done = (event) => {
      event.preventDefault();
      return this.#do(task, "done", { note: note.value.trim() }, problem);
    };
    return el("form", { class: "line-form", onsubmit: done }, note, el("button", { class: "solid" }, "完成"));
  }

  async #do({ task_id }, what, body, problem) {
    try {
      await call("POST", at`tasks/${task_id}/${what}`, body);
      await this.read();
      this.heading.focus();
    } catch (trouble) {
      if (!(trouble instanceof Problem)) throw trouble;
      problem.textContent = trouble.message;
    }
  }

  /** The whole number, for who calls. */
  async #reveal({ task_id }, contact, problem) {
    try {
      contact.textContent = (await call("GET", at`tasks/${task_id}`)).task.contact;
    } catch (trouble) {
      if (!(trouble instanceof Problem)) throw trouble;
      problem.textContent = trouble.message;
    }
  }
}

function dueTag({ begins_at, due_at, state }) {
  if (state !== "open") return null;
  const left = (Date.parse(due_at) - clock.now()) / 1_000;
  if (left < 0) return el("span", { class: "sla", "data-level": "over" }, `已过 ${span(-left)}`);
  if (Date.parse(begins_at) > clock.now())
    return el("span", { class: "sla", "data-level": "calm" }, `${between(begins_at, due_at)} 打`);
  return el("span", { class: "sla", "data-level": left < 1_800 ? "near" : "calm" }, `${moment(due_at)} 前`);
}

/** 明天 15:00 到 15:30 */
function between(start, end) {
  const [from, until] = [moment(start), moment(end)];
  const [day, clockTime] = until.split(" ");
  return `${from} 到 ${from.startsWith(day) ? clockTime : until}`;
}
