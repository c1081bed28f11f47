import { el } from "../widget/dom.js";
import { Problem } from "./api.js";

/** A form over the page. Fields are {name, words, type, value, options, hint, ...attributes}. */
export class Sheet {
  constructor() {
    this.title = el("h2", { id: "sheet-form-title" });
    this.fields = el("div", { class: "fields" });
    this.problem = el("p", { class: "problem", role: "alert" });
    this.send = el("button", { class: "solid" });
    const cancel = el("button", { type: "button", onclick: () => this.node.close() }, "取消");
    this.form = el(
      "form",
      { method: "dialog", onsubmit: (event) => this.#submit(event) },
      this.title,
      this.fields,
      this.problem,
      el("footer", {}, cancel, this.send),
    );
    this.node = el("dialog", { class: "tall", "aria-labelledby": "sheet-form-title" }, this.form);
    document.body.append(this.node);
  }

  /** `save(values)` may throw a Problem, whose words are shown; what was typed stays. */
  open({ title, fields, verb, save }) {
    this.save = save;
    this.title.textContent = title;
    this.problem.textContent = "";
    this.send.textContent = verb;
    this.fields.replaceChildren(...fields.map(field));
    this.node.showModal();
    this.fields.querySelector("input, textarea, select")?.focus();
  }

  async #submit(event) {
    event.preventDefault();
    if (this.send.disabled) return;
    this.send.disabled = true;
    this.problem.textContent = "";
    try {
      await this.save(Object.fromEntries(new FormData(this.form)));
      this.node.close();
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      this.problem.textContent = problem.message;
    } finally {
      this.send.disabled = false;
    }
  }
}

function field({ name, words, type = "text", value, options, hint, ...attributes }) {
  const common = { name, autocomplete: "off", ...attributes };
  if (type === "checkbox")
    return el("label", { class: "check" }, el("input", { type, name, value: "yes", checked: Boolean(value) }), words);
  const control = options
    ? el(
        "select",
        common,
        ...options.map(([each, title]) => el("option", { value: each, selected: each === value }, title)),
      )
    : type === "textarea"
      ? el("textarea", { rows: 4, ...common }, value ?? "")
      : el("input", { type, value, ...common });
  return el("label", {}, words, control, hint && el("span", { class: "fine" }, hint));
}
