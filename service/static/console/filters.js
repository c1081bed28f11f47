import { el } from "../widget/dom.js";
import { clock } from "./clock.js";
import { deadlineOf } from "./deadline.js";
import { kept } from "./kept.js";
import { EMOTIONS, skillWords } from "./words.js";

const NONE = { skill: "", emotion: "", late: false };

/** Which part of the queue is shown; remembered, and always said, so that nobody overlooks who is filtered away. */
export class Filters {
  constructor({ changed }) {
    this.wanted = { ...NONE, ...kept.get("filters", {}) };
    this.changed = changed;
    this.emotion = this.#select("emotion", "情绪", Object.entries(EMOTIONS));
    this.skill = this.#select("skill", "技能", []);
    this.late = el("input", { type: "checkbox", onchange: () => this.#set("late", this.late.checked) });
    this.late.checked = this.wanted.late;
    this.said = el("p", { class: "fine" });
    this.reset = el("button", { type: "button", class: "plain", onclick: () => this.#clear() }, "清除筛选");
    this.node = el(
      "details",
      { class: "filters" },
      el("summary", {}, "筛选", this.said),
      el(
        "div",
        { class: "filter-fields" },
        this.emotion,
        this.skill,
        el("label", {}, this.late, "只看快超时的"),
        this.reset,
      ),
    );
  }

  fits(handoff) {
    const { emotion, skill, late } = this.wanted;
    const isLate = () => ["near", "over"].includes(deadlineOf(handoff, clock.now())?.level);
    return (!emotion || handoff.worst_emotion === emotion) && (!skill || handoff.skill === skill) && (!late || isLate());
  }

  /** `hidden`: how many do not fit. */
  render(handoffs, hidden) {
    const skills = [...new Set(handoffs.map(({ skill }) => skill).filter(Boolean)), this.wanted.skill].filter(Boolean);
    const options = [...new Set(skills)].map((skill) => [skill, skillWords(skill)]);
    if (this.skillsShown !== String(options)) {
      this.skillsShown = String(options);
      this.skill.replaceChildren(...choices("技能", options));
      this.skill.value = this.wanted.skill;
    }
    this.skill.hidden = options.length === 0;
    this.said.textContent = hidden ? `已隐藏 ${hidden} 个会话` : "";
    this.reset.hidden = Object.entries(NONE).every(([name, value]) => this.wanted[name] === value);
  }

  #select(name, title, options) {
    const select = el(
      "select",
      { "aria-label": title, onchange: () => this.#set(name, select.value) },
      ...choices(title, options),
    );
    select.value = this.wanted[name];
    return select;
  }

  #clear() {
    this.emotion.value = this.skill.value = "";
    this.late.checked = false;
    for (const [name, value] of Object.entries(NONE)) this.wanted[name] = value;
    this.#set("late", false);
  }

  #set(name, value) {
    this.wanted[name] = value;
    kept.set("filters", this.wanted);
    this.changed();
  }
}

function choices(title, options) {
  return [["", `${title}：全部`], ...options].map(([value, words]) => el("option", { value }, words));
}
