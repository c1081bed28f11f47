import { el } from "../widget/dom.js";

/** A question before something that cannot be taken back. */
export class Question {
  constructor() {
    this.title = el("h2", { id: "question-title" });
    this.words = el("div", { class: "question-words" });
    this.problem = el("p", { class: "problem", role: "alert" });
    this.no = el("button", { type: "button", onclick: () => this.node.close() }, "再想想");
    this.yes = el("button", { class: "solid" });
    const form = el("form", { method: "dialog", onsubmit: (event) => this.#submit(event) }, this.no, this.yes);
    this.node = el("dialog", { "aria-labelledby": "question-title" }, this.title, this.words, this.problem, form);
    document.body.append(this.node);
  }

  /** `does()` gives what went wrong in words, or null, and then the question closes. */
  ask({ title, words, verb, isDangerous = false, does }) {
    this.does = does;
    this.title.textContent = title;
    this.words.replaceChildren(...[words].flat().map((line) => el("p", {}, line)));
    this.problem.textContent = "";
    this.yes.textContent = verb;
    this.yes.classList.toggle("dangerous", isDangerous);
    this.node.showModal();
    this.yes.focus();
  }

  async #submit(event) {
    event.preventDefault();
    if (this.yes.disabled) return;
    this.yes.disabled = true;
    try {
      const problem = await this.does();
      if (problem) this.problem.textContent = problem;
      else this.node.close();
    } finally {
      this.yes.disabled = false;
    }
  }
}
