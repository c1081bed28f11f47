import { el } from "../widget/dom.js";
import { hrefOf } from "./place.js";
import { ROLES } from "./words.js";

/** Who is logged in, and the way to one's settings and out. */
export class Menu {
  constructor(button, { logOut }) {
    this.button = button;
    this.who = el("p", { class: "fine" });
    const close = () => this.node.hidePopover();
    this.node = el(
      "div",
      { class: "menu", id: "me-menu", popover: "auto", onclick: close },
      this.who,
      el("a", { href: hrefOf("profile") }, "个人设置、常用语"),
      el("button", { type: "button", class: "danger", onclick: () => logOut() }, "退出登录"),
    );
    button.after(this.node);
    button.setAttribute("popovertarget", "me-menu");
  }

  show({ name, display, role }) {
    this.button.textContent = display || name;
    this.button.setAttribute("aria-label", `我的账号：${display || name}`);
    this.who.textContent = [name, ROLES[role]].filter(Boolean).join(" · ");
  }
}
