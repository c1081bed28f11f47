import { el } from "../widget/dom.js";
import { Problem, at, call } from "./api.js";
import { failure, loading, nothing } from "./blanks.js";

/** Canned replies to write and change: everybody's own, and the shared ones for supervisors. */
export class Phrases {
  constructor({ sheet, question, changed }) {
    Object.assign(this, { sheet, question, changed });
    this.list = el("div", {});
    const add = el("button", { type: "button", onclick: () => this.#edit(null) }, "添加常用语");
    this.node = el(
      "section",
      { class: "chart" },
      el("header", { class: "page-head" }, el("h2", {}, "常用语"), add),
      this.list,
    );
  }

  /** `isLead`: may change the shared ones. */
  async show(name, isLead) {
    Object.assign(this, { name, isLead });
    this.list.replaceChildren(loading());
    await this.#read();
  }

  async #read() {
    try {
      const { canned, places } = await call("GET", "canned");
      this.places = places;
      this.list.replaceChildren(
        canned.length
          ? el("ul", { class: "phrases", "aria-label": "常用语" }, ...canned.map((one) => this.#row(one)))
          : nothing("还没有常用语"),
      );
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      this.list.replaceChildren(failure(problem.message, () => this.show(this.name, this.isLead)));
    }
  }

  #row(one) {
    const mayChange = one.owner ? one.owner === this.name : this.isLead;
    const button = (words, act) => el("button", { type: "button", class: "plain", onclick: act }, words);
    return el(
      "li",
      {},
      el(
        "p",
        {},
        el("kbd", {}, one.shortcut),
        el("b", {}, one.title),
        el("span", { class: "tag" }, one.owner ? "我的" : "共用"),
        mayChange && button("修改", () => this.#edit(one)),
        mayChange && button("删除", () => this.#remove(one)),
      ),
      el("p", { class: "fine" }, one.text),
    );
  }

  #edit(one) {
    const places = this.places.map(({ place, words }) => `{{${place}}} ${words}`).join("、");
    const hint = `发送前会填好：${places}`;
    const fields = [
      {
        name: "shortcut",
        words: "快捷词",
        value: one?.shortcut ?? "/",
        required: true,
        pattern: "/\\S{1,20}",
        title: "以 / 开头，不含空格",
      },
      { name: "title", words: "标题", value: one?.title, required: true, maxlength: 32 },
      { name: "text", words: "内容", type: "textarea", value: one?.text, required: true, maxlength: 2000, hint },
    ];
    if (this.isLead && !one) fields.push({ name: "shared", words: "大家共用", type: "checkbox", value: false });
    this.sheet.open({
      title: one ? "修改常用语" : "添加常用语",
      fields,
      verb: "保存",
      save: ({ shortcut, title, text, shared }) => {
        const body = { shortcut, title: title.trim(), text, shared: one ? !one.owner : shared === "yes" };
        return this.#save(one ? "PUT" : "POST", one ? at`canned/${one.id}` : "canned", body);
      },
    });
  }

  #remove(one) {
    const does = () =>
      this.#save("DELETE", at`canned/${one.id}`).then(
        () => null,
        ({ message }) => message,
      );
    this.question.ask({ title: `删除“${one.title}”？`, words: one.text, verb: "删除", isDangerous: true, does });
  }

  async #save(method, path, body) {
    await call(method, path, body);
    this.changed();
    await this.#read();
  }
}
