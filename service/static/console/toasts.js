import { el } from "../widget/dom.js";

const SHOWN_MS = 8_000;

/** Words over the screen for a while: what went wrong is read out at once, what was done when there is a pause. */
export class Toasts {
  constructor(root) {
    this.problems = el("div", { role: "alert" });
    this.news = el("div", { role: "status" });
    root.append(this.problems, this.news);
  }

  /** What went wrong. */
  warn(words) {
    show(this.problems, words);
  }

  /** What was done. */
  tell(words) {
    show(this.news, words);
  }
}

function show(root, words) {
  if ([...root.children].some((note) => note.dataset.words === words)) return;
  const close = el("button", { type: "button", "aria-label": "关闭", onclick: () => note.remove() }, "×");
  const note = el("p", { "data-words": words }, words, close);
  root.append(note);
  setTimeout(() => note.remove(), SHOWN_MS);
}
