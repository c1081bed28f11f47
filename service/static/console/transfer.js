import { el } from "../widget/dom.js";
import { Problem, call } from "./api.js";
import { failure, loading, nothing } from "./blanks.js";
import { PRESENCES, ROLES, skillWords } from "./words.js";

const LONGEST_NOTE = 500;

/** To whom a conversation goes: a colleague with room, or the queue of a skill. */
export class Transfer {
  constructor() {
    this.list = el("div", { class: "targets" });
    this.note = el("textarea", {
      rows: 3,
      maxlength: LONGEST_NOTE,
      "aria-label": "交接说明",
      placeholder: "交接说明：办到哪一步了，还差什么（顾客看不到）",
    });
    this.problem = el("p", { class: "problem", role: "alert" });
    this.send = el("button", { class: "solid" }, "转接");
    const cancel = el("button", { type: "button", onclick: () => this.node.close() }, "取消");
    this.form = el(
      "form",
      {
        method: "dialog",
        onsubmit: (event) => this.#submit(event),
        onchange: () => this.#changed(),
        onkeydown: (event) => this.#key(event),
      },
      el("h2", { id: "transfer-title" }, "转接给谁"),
      this.list,
      this.note,
      this.problem,
      el("footer", {}, cancel, this.send),
    );
    this.node = el("dialog", { class: "tall", "aria-labelledby": "transfer-title" }, this.form);
    document.body.append(this.node);
  }

  /** `name` is who asks. `save({to, skill?, note})` gives what went wrong in words, or null, and then it closes. */
  async open(name, save) {
    Object.assign(this, { name, save });
    this.note.value = this.problem.textContent = "";
    this.#changed();
    this.list.replaceChildren(loading());
    this.node.showModal();
    await this.#read();
  }

  async #read() {
    try {
      const { associates } = await call("GET", "staff");
      this.#show(associates.filter(({ name }) => name !== this.name));
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      this.list.replaceChildren(failure(problem.message, () => this.#read()));
    }
    this.#changed();
  }

  #show(associates) {
    const hasRoom = (one) => one.state === "online" && one.open < one.capacity;
    const sorted = [...associates].sort((one, other) => hasRoom(other) - hasRoom(one) || one.open - other.open);
    const skills = [...new Set(associates.flatMap(({ skills }) => skills))];
    this.list.replaceChildren(
      sorted.length
        ? el("fieldset", {}, el("legend", {}, "同事"), ...sorted.map((one) => colleague(one, hasRoom(one))))
        : nothing("没有别的同事", "可以放回队列，或请管理员添加账号"),
      el(
        "fieldset",
        {},
        el("legend", {}, "放回队列"),
        target("queue:", el("b", {}, "任何人"), "排回队列前面"),
        ...skills.map((skill) => target(`queue:${skill}`, el("b", {}, skillWords(skill)), "会这项技能的同事")),
      ),
    );
    (this.list.querySelector("input:enabled") ?? this.note).focus();
  }

  #changed() {
    this.send.disabled = Boolean(this.isSaving) || !this.form.querySelector("input:checked");
  }

  /** Enter in the note is a new line; with Ctrl it sends, as everywhere. */
  #key(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.#submit(event);
  }

  async #submit(event) {
    event.preventDefault();
    if (this.send.disabled) return;
    const [kind, value] = this.form.querySelector("input:checked").value.split(/:(.*)/s);
    const note = this.note.value.trim();
    const to = kind === "to" ? { to: value, note } : { to: null, ...(value && { skill: value }), note };
    this.isSaving = true;
    this.#changed();
    const problem = await this.save(to);
    this.isSaving = false;
    this.#changed();
    if (!problem) return this.node.close();
    this.problem.textContent = problem;
    await this.#read();
  }
}

function colleague(one, hasRoom) {
  const who = [el("i", { class: "dot", "data-presence": one.state }), el("b", {}, one.display || one.name)];
  const load = `${PRESENCES[one.state] ?? one.state} · 在接 ${one.open}/${one.capacity}`;
  const more = [one.role !== "agent" && ROLES[one.role], ...one.skills.map(skillWords)].filter(Boolean).join("、");
  return target(`to:${one.name}`, who, [load, more].filter(Boolean).join(" · "), !hasRoom);
}

function target(value, who, words, disabled = false) {
  return el(
    "label",
    { class: "target" },
    el("input", { type: "radio", name: "target", value, disabled }),
    el("span", { class: "target-who" }, ...[who].flat()),
    el("span", { class: "fine" }, words),
  );
}
