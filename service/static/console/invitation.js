import { el } from "../widget/dom.js";

/** Asks once, in words, before the browser asks in its own way. */
export class Invitation {
  constructor(root, bell) {
    this.bell = bell;
    const answer = (act) => () => (act(), this.render());
    this.node = el(
      "aside",
      { class: "invitation", "aria-label": "桌面通知" },
      el("p", {}, "有人排队时，要在桌面提醒您吗？随时可以在右上角“提醒”里关掉。"),
      el(
        "p",
        {},
        el("button", { type: "button", class: "solid", onclick: answer(() => bell.accept()) }, "打开提醒"),
        el("button", { type: "button", onclick: answer(() => bell.dismiss()) }, "不用了"),
      ),
    );
    root.append(this.node);
    this.render();
  }

  render() {
    this.node.hidden = !this.bell.mayOffer;
  }
}
