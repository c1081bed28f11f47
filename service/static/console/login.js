import { el } from "../widget/dom.js";
import { Problem, call } from "./api.js";

/**
 * The way in: at the start over nothing, and over the work when a login has run out. `entered(me)`; `title` is what one
 * logs in to.
 */
export class Login {
  constructor({ entered, title = "客服工作台" }) {
    this.entered = entered;
    this.name = el("input", {
      name: "name",
      autocomplete: "username",
      required: true,
      maxlength: 32,
      pattern: "\\S+",
      title: "不含空格",
      placeholder: "例如 小林",
    });
    this.password = el("input", {
      name: "password",
      type: "password",
      autocomplete: "current-password",
      required: true,
    });
    this.why = el("p", { class: "fine" });
    this.problem = el("p", { class: "problem", role: "alert" });
    this.send = el("button", { class: "solid" }, `进入${title.replace("客服", "")}`);
    const form = el(
      "form",
      { method: "dialog", onsubmit: (event) => this.#submit(event) },
      el("img", { src: "/static/favicon.svg", alt: "", width: 44, height: 44 }),
      el("h1", { id: "login-title" }, title),
      this.why,
      el("label", {}, "账号", this.name),
      el("label", {}, "密码", this.password),
      this.problem,
      this.send,
    );
    this.node = el(
      "dialog",
      { class: "login", "aria-labelledby": "login-title", onclose: () => this.isAsking && this.node.showModal() }, // Escape leads nowhere
      form,
    );
    document.body.append(this.node);
  }

  /** `name`: whose login has run out. Others may log in as well, and begin anew. */
  ask(name) {
    if (this.isAsking) return;
    this.isAsking = true;
    this.why.textContent = name ? "登录已过期，请重新登录。写到一半的内容都还在。" : "";
    this.name.value = name ?? this.name.value;
    this.problem.textContent = "";
    for (const other of document.querySelectorAll("dialog[open]")) other.close();
    this.node.showModal();
    (name ? this.password : this.name).focus();
  }

  async #submit(event) {
    event.preventDefault();
    if (this.send.disabled) return;
    this.send.disabled = true;
    this.problem.textContent = "";
    try {
      const me = await call("POST", "login", { name: this.name.value.trim(), password: this.password.value });
      this.password.value = "";
      this.isAsking = false;
      this.node.close();
      await this.entered(me);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      this.problem.textContent = problem.message;
    } finally {
      this.send.disabled = false;
    }
  }
}
