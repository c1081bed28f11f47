import { el } from "../widget/dom.js";
import { IntentPicker } from "./intents.js";

const ESCALATE = [
  { value: "no", words: "不需要" },
  { value: "yes", words: "需要" },
];

/** The level of {value, words} that is nearest to an intensity. */
export function nearest(intensity, levels) {
  const off = (level) => Math.abs(level.value - intensity);
  return levels.reduce((best, level) => (off(level) < off(best) ? level : best));
}

/** The panel in which an associate says what a message meant. */
export class LabelPanel {
  constructor() {
    this.title = el("h2", { id: "panel-title" });
    this.text = el("blockquote", { class: "quoted" });
    this.fields = el("div", { class: "fields" });
    this.intents = new IntentPicker({ changed: () => this.#changed() });
    this.hint = el("p", { class: "fine" });
    this.problem = el("p", { class: "problem", role: "alert" });
    this.send = el("button", { class: "solid" });
    const cancel = el("button", { type: "button", onclick: () => this.node.close() }, "取消");
    this.form = el(
      "form",
      { method: "dialog", onsubmit: (event) => this.#submit(event), onchange: () => this.#changed() },
      this.title,
      this.text,
      this.fields,
      this.problem,
      el("footer", {}, this.hint, cancel, this.send),
    );
    this.node = el("dialog", { class: "labels", "aria-labelledby": "panel-title" }, this.form);
    document.body.append(this.node);
  }

  /**
   * `labels` are preselected. `save(labels)` gives what went wrong in words, or null, and then the panel closes.
   * `isNew`: sending what is preselected would say nothing. Resolves when the panel is closed, either way.
   */
  open({ title, text, labels, ranking, choices, verb, isNew, save }) {
    this.save = save;
    this.choices = choices;
    this.title.textContent = title;
    this.text.textContent = text;
    this.send.textContent = verb;
    this.problem.textContent = "";
    this.intents.fill({ intents: choices.intents, ranking, chosen: labels.intent });
    const isNeutral = labels.emotion === "neutral";
    const level = isNeutral ? choices.intensities[1] : nearest(labels.intensity, choices.intensities);
    this.strength = chips("强度", "intensity", "radio", choices.intensities, [level.value]);
    this.fields.replaceChildren(
      this.intents.node,
      el(
        "div",
        { class: "mood-fields" },
        chips("情绪", "emotion", "radio", choices.emotions, [labels.emotion]),
        this.strength,
      ),
      chips("原因（可多选）", "reasons", "checkbox", choices.reasons, labels.reasons),
      chips("应该由人工接手吗", "escalate", "radio", ESCALATE, [labels.escalate ? "yes" : "no"]),
    );
    this.before = isNew ? JSON.stringify(this.#labels()) : null;
    this.#changed();
    this.node.showModal();
    this.intents.search.focus();
    return new Promise((closed) => this.node.addEventListener("close", closed, { once: true }));
  }

  #labels() {
    const said = new FormData(this.form);
    const emotion = said.get("emotion");
    return {
      intent: this.intents.value,
      reasons: said.getAll("reasons"),
      emotion,
      intensity: emotion === "neutral" ? 0 : Number(this.strength.querySelector("input:checked").value),
      escalate: said.get("escalate") === "yes",
    };
  }

  #changed() {
    const labels = this.#labels();
    this.strength.disabled = labels.emotion === "neutral";
    const isSame = JSON.stringify(labels) === this.before;
    this.send.disabled = isSame || Boolean(this.isSaving);
    this.hint.textContent = isSame ? "选出应有的理解，再提交" : this.before && "手机号、订单号等会先遮住再保存";
  }

  async #submit(event) {
    event.preventDefault();
    if (this.send.disabled) return;
    this.isSaving = this.send.disabled = true;
    const problem = await this.save(this.#labels());
    this.isSaving = false;
    this.#changed();
    if (problem) this.problem.textContent = problem;
    else this.node.close();
  }
}

function chips(legend, name, type, options, chosen) {
  return el(
    "fieldset",
    { class: "chips" },
    el("legend", {}, legend),
    ...options.map(({ value, words }) =>
      el("label", {}, el("input", { type, name, value, checked: chosen.includes(value) }), el("span", {}, words)),
    ),
  );
}
