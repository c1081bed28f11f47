import { el, icon } from "./dom.js";

const LONGEST = 2_000;
const COUNTED_FROM = 1_800;
const PLANE = "M4 12 20 4l-5 16-4-7zM11 13l9-9";

/** Where the shopper types. Enter sends, Shift+Enter breaks the line; while an input method composes, Enter is its own. */
export class Composer {
  constructor({ send, drafted }) {
    this.send = send;
    this.drafted = drafted;
    this.box = el("textarea", {
      rows: 1,
      maxlength: LONGEST,
      "aria-label": "输入消息，回车发送",
      placeholder: "说说遇到的问题",
      enterkeyhint: "send",
      oninput: () => this.#changed(),
      onkeydown: (event) => this.#key(event),
    });
    this.button = el("button", { type: "submit", class: "send", "aria-label": "发送" }, icon(PLANE));
    this.counter = el("p", { class: "counter", role: "status" });
    this.node = el(
      "form",
      { class: "composer", onsubmit: (event) => this.#submit(event) },
      this.box,
      this.button,
      this.counter,
    );
  }

  get text() {
    return this.box.value;
  }

  set text(words) {
    this.box.value = words;
    this.#changed();
  }

  focus() {
    this.box.focus();
  }

  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    this.#submit(event);
  }

  #submit(event) {
    event.preventDefault();
    const words = this.text.trim();
    if (!words) return;
    this.send(words);
    this.text = "";
  }

  #changed() {
    const left = LONGEST - this.text.length;
    this.counter.textContent =
      this.text.length < COUNTED_FROM ? "" : left ? `还可以输入 ${left} 字` : "已到 2000 字上限";
    this.button.disabled = !this.text.trim();
    this.box.style.height = "auto";
    if (this.box.scrollHeight) this.box.style.height = `${this.box.scrollHeight + 2}px`;
    this.drafted(this.text);
  }
}
