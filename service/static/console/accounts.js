import { el } from "../widget/dom.js";
import { Problem, at, call } from "./api.js";
import { failure, loading, nothing } from "./blanks.js";
import { ROLES, skillOf, skillWords } from "./words.js";

const LEAST_PASSWORD = 8;

/** Who may log in: an admin adds accounts, changes them and shuts them; nobody is deleted, for what they did stays theirs. */
export class Accounts {
  constructor(root, { sheet, told }) {
    this.sheet = sheet;
    this.told = told;
    this.body = el("div", {});
    const add = el("button", { type: "button", class: "solid", onclick: () => this.#add() }, "添加账号");
    const head = el("header", { class: "page-head" }, el("h1", { tabindex: "-1" }, "账号"), add);
    root.append(el("div", { class: "page" }, head, this.body));
  }

  async show() {
    this.body.replaceChildren(loading());
    await this.#read();
  }

  async #read() {
    try {
      const { associates } = await call("GET", "associates");
      this.body.replaceChildren(
        associates.length
          ? el("ul", { class: "cards", "aria-label": "账号" }, ...associates.map((one) => this.#card(one)))
          : nothing("还没有账号"),
      );
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      this.body.replaceChildren(failure(problem.message, () => this.show()));
    }
  }

  #card(one) {
    const facts = [ROLES[one.role] ?? one.role, `最多同时接 ${one.capacity} 个`, ...one.skills.map(skillWords)].join(
      " · ",
    );
    const button = (words, act) => el("button", { type: "button", onclick: act }, words);
    return el(
      "li",
      { class: one.active ? "card account" : "card account is-off" },
      el(
        "p",
        { class: "about" },
        el("b", {}, one.display || one.name),
        `账号 ${one.name}`,
        !one.active && el("span", { class: "tag" }, "已停用"),
      ),
      el("p", { class: "fine" }, facts),
      el(
        "p",
        { class: "verdict" },
        button("修改", () => this.#change(one)),
        button("重设密码", () => this.#reset(one)),
      ),
    );
  }

  #add() {
    const fields = [
      {
        name: "name",
        words: "账号",
        required: true,
        maxlength: 32,
        pattern: "[\\p{L}\\p{N}_][\\p{L}\\p{N}_.@\\-]*",
        title: "字母、汉字、数字和 . @ - _",
        hint: "登录时用，以后不能改",
      },
      ...fieldsOf({ role: "agent", skills: [], capacity: 5, display: "" }),
      passwordField("初始密码"),
    ];
    const save = (values) =>
      this.#save("POST", "associates", { ...bodyOf(values), name: values.name.trim(), password: values.password });
    this.sheet.open({ title: "添加账号", fields, verb: "添加", save });
  }

  #change(one) {
    const fields = [...fieldsOf(one), { name: "active", words: "可以登录", type: "checkbox", value: one.active }];
    const save = (values) =>
      this.#save("PATCH", at`associates/${one.name}`, { ...bodyOf(values), active: values.active === "yes" });
    this.sheet.open({ title: `修改 ${one.display || one.name}`, fields, verb: "保存", save });
  }

  #reset(one) {
    const save = async ({ password }) => {
      await this.#save("PATCH", at`associates/${one.name}`, { password });
      this.told(`${one.display || one.name} 的密码已重设，已登录的窗口会退出`);
    };
    this.sheet.open({
      title: `重设 ${one.display || one.name} 的密码`,
      fields: [passwordField("新密码")],
      verb: "重设",
      save,
    });
  }

  async #save(method, path, body) {
    await call(method, path, body);
    await this.#read();
  }
}

export function passwordField(words) {
  const hint = `至少 ${LEAST_PASSWORD} 位`;
  return {
    name: "password",
    words,
    type: "password",
    required: true,
    minlength: LEAST_PASSWORD,
    autocomplete: "new-password",
    hint,
  };
}

function fieldsOf({ display, role, skills, capacity }) {
  return [
    { name: "display", words: "称呼", value: display, required: true, maxlength: 32, hint: "顾客看到的名字" },
    { name: "role", words: "角色", options: Object.entries(ROLES), value: role },
    { name: "skills", words: "技能", value: skills.map(skillWords).join("、"), hint: "多项用顿号隔开" },
    { name: "capacity", words: "最多同时接几个", type: "number", min: 1, max: 50, value: capacity, required: true },
  ];
}

function bodyOf({ display, role, skills, capacity }) {
  const named = skills
    .split(/[、,，\s]+/)
    .filter(Boolean)
    .map(skillOf);
  return { display: display.trim(), role, skills: named, capacity: Number(capacity) };
}
