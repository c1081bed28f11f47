import { el } from "../widget/dom.js";
import { kept } from "./kept.js";

/** A part of the panel that can be folded away; the browser remembers which are. It is drawn anew only when it says something else. */
export class Fold {
  constructor(name, title) {
    this.body = el("div", { class: "fold-body" });
    this.summary = el("summary", {}, el("h2", {}, title));
    this.node = el("details", { class: "fold", open: kept.get(`fold:${name}`, true) }, this.summary, this.body);
    this.node.addEventListener("toggle", () => kept.set(`fold:${name}`, this.node.open ? null : false));
  }

  /** `draw()` gives the children; `said` is what they are made of. null: there is nothing to show at all. */
  show(said, draw) {
    const seen = JSON.stringify(said ?? null);
    if (seen === this.seen) return;
    this.seen = seen;
    this.node.hidden = said == null;
    this.body.replaceChildren(...(said == null ? [] : [draw(said)].flat().filter(Boolean)));
  }
}
