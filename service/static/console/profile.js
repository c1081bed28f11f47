import { el } from "../widget/dom.js";
import { call } from "./api.js";
import { passwordField } from "./accounts.js";
import { ROLES, skillWords } from "./words.js";

/** One's own account: who one is, the password, the canned replies. */
export class Profile {
  constructor(root, { phrases, sheet, told }) {
    Object.assign(this, { phrases, sheet, told });
    this.who = el("dl", {});
    const change = el("button", { type: "button", onclick: () => this.#changePassword() }, "修改密码");
    root.append(
      el(
        "div",
        { class: "page" },
        el("header", { class: "page-head" }, el("h1", { tabindex: "-1" }, "个人设置")),
        el("section", { class: "chart" }, el("header", { class: "page-head" }, el("h2", {}, "账号"), change), this.who),
        phrases.node,
      ),
    );
  }

  show(me, isLead) {
    const facts = {
      账号: me.name,
      称呼: me.display,
      角色: ROLES[me.role],
      技能: me.skills?.map(skillWords).join("、"),
      最多同时接: me.capacity && `${me.capacity} 个会话`,
    };
    const rows = Object.entries(facts).filter(([, value]) => value);
    this.who.replaceChildren(...rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
    return this.phrases.show(me.name, isLead);
  }

  #changePassword() {
    const old = {
      name: "old",
      words: "现在的密码",
      type: "password",
      required: true,
      autocomplete: "current-password",
    };
    const save = async ({ old: before, password }) => {
      await call("POST", "password", { old: before, new: password });
      this.told("密码已修改，其他窗口需要重新登录");
    };
    this.sheet.open({ title: "修改密码", fields: [old, passwordField("新密码")], verb: "修改", save });
  }
}
