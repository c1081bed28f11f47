import BASE from "./widget.css";
import DARK from "./dark.css";
import { chatIn } from "./chat.js";

const SERVICE = new URL(document.currentScript.src).origin;
const NIGHT = matchMedia("(prefers-color-scheme: dark)");
const [base, dark] = [BASE, DARK].map((rules) => {
  const sheet = new CSSStyleSheet(); // not a <style>: a page that forbids inline styles shows it as well
  sheet.replaceSync(rules);
  return sheet;
});

/**
 * <tourniquet-chat customer-token="..." theme="light|dark" no-device> — the shop's signed token says who is talking;
 * without it the shopper is a guest. Without a theme it follows the system. With no-device the browser keeps no id of
 * itself. `open({draft})` opens the panel and, with a draft, puts words into the box without sending them.
 */
class TourniquetChat extends HTMLElement {
  static observedAttributes = ["customer-token", "theme"];
  #root = this.attachShadow({ mode: "open" });
  #chat = chatIn(this.#root, SERVICE);
  #leaving;

  connectedCallback() {
    this.#leaving = new AbortController();
    const { signal } = this.#leaving;
    NIGHT.addEventListener("change", () => this.#dress(), { signal });
    this.#dress();
    this.#begin();
    this.#chat.listen(signal);
  }

  disconnectedCallback() {
    this.#leaving.abort();
  }

  attributeChangedCallback(name, before, after) {
    if (!this.isConnected || !this.#leaving || before === after) return;
    if (name === "theme") this.#dress();
    else this.#begin();
  }

  open(options) {
    this.#chat.open(options);
  }

  close() {
    this.#chat.close();
  }

  #begin() {
    this.#chat.begin(this.getAttribute("customer-token"), !this.hasAttribute("no-device"));
  }

  #dress() {
    const theme = this.getAttribute("theme") ?? (NIGHT.matches ? "dark" : "");
    this.#root.adoptedStyleSheets = theme === "dark" ? [base, dark] : [base];
  }
}

customElements.define("tourniquet-chat", TourniquetChat);
