import { el } from "../widget/dom.js";
import { Problem, call } from "./api.js";
import { failure, loading, nothing } from "./blanks.js";
import { columns, ranking } from "./plots.js";
import { PRESENCES, percent, period, span } from "./words.js";

const SPANS = { 1: "今天", 7: "近 7 天", 30: "近 30 天" };

/** What a supervisor looks at: now, who carries how much, how fast, how well, why shoppers ask for a person, and when. */
export class Figures {
  constructor(root) {
    this.days = 1;
    this.buttons = Object.entries(SPANS).map(([days, words]) =>
      el("button", { type: "button", "data-days": days, onclick: () => this.#turnTo(Number(days)) }, words),
    );
    this.from = el("input", { type: "date", "aria-label": "从", onchange: () => this.#turnTo(null) });
    this.to = el("input", { type: "date", "aria-label": "到", onchange: () => this.#turnTo(null) });
    this.body = el("div", { class: "figures" });
    const head = el(
      "header",
      { class: "page-head" },
      el("h1", { tabindex: "-1" }, "数据"),
      el("div", { class: "modes" }, ...this.buttons),
      el("span", { class: "dates" }, this.from, "至", this.to),
    );
    root.append(el("div", { class: "page wide" }, head, this.body));
  }

  show() {
    if (!this.from.value) this.#span(this.days);
    this.body.replaceChildren(loading());
    return this.read();
  }

  async read() {
    for (const button of this.buttons)
      button.setAttribute("aria-pressed", String(Number(button.dataset.days) === this.days));
    const [from, until] = period(this.from.value, this.to.value);
    const query = String(new URLSearchParams({ from, to: until }));
    this.query = query;
    try {
      const figures = await call("GET", `supervisor?${query}`);
      if (query === this.query) this.body.replaceChildren(...drawn(figures));
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (query === this.query) this.body.replaceChildren(failure(problem.message, () => this.show()));
    }
  }

  #turnTo(days) {
    this.days = days;
    if (days) this.#span(days);
    return this.read();
  }

  #span(days) {
    this.from.value = dateOf(new Date(Date.now() - (days - 1) * 86_400_000));
    this.to.value = dateOf(new Date());
  }
}

function drawn({ now, associates, causes, by_hour, sla, csat }) {
  const hours = Array.from({ length: 24 }, (_, hour) => {
    const count = by_hour.find((one) => one.hour === hour)?.count ?? 0;
    return { words: String(hour), value: count, title: `${hour} 点 ${count} 次` };
  });
  const scores = [1, 2, 3, 4, 5].map((score) => {
    const count = csat.by_score[score] ?? 0;
    return { words: `${score} 分`, value: count, title: `${score} 分 ${count} 次` };
  });
  return [
    el(
      "dl",
      { class: "tiles" },
      tile("正在等待", `${now.waiting} 人`),
      tile("最久等了", now.waiting ? span(now.longest_wait_s) : "—", now.longest_wait_s > 300 && "over"),
      tile("在线客服", now.online == null ? "—" : `${now.online} 人`),
      tile("进行中", `${now.open} 个`),
      tile("首次回复达标", share(sla.first_reply_kept)),
      tile("按时解决", share(sla.resolution_kept)),
      tile("满意度", csat.n ? `${csat.mean.toFixed(1)} / 5` : "—", null, csat.n ? `${csat.n} 人评价` : "还没有评价"),
    ),
    chart("客服", associates.length ? table(associates) : nothing("这段时间没有人接待")),
    el(
      "div",
      { class: "charts" },
      chart("为什么转人工", causes.length ? ranking(causes.map(cause)) : nothing("这段时间没有转人工")),
      chart("几点转人工", columns("每小时转人工", hours, { each: 3 })),
      chart("评价分布", csat.n ? columns("评价分布", scores) : nothing("还没有评价")),
    ),
  ];
}

function cause({ words, reason, count }) {
  return { words: words ?? reason, value: count, title: `${words ?? reason} ${count} 次` };
}

function tile(name, value, level, hint) {
  return el(
    "div",
    { "data-level": level || null },
    el("dt", {}, name),
    el("dd", {}, value, hint && el("span", { class: "fine" }, hint)),
  );
}

function chart(title, content) {
  return el("section", { class: "chart" }, el("h2", {}, title), content);
}

function table(associates) {
  const heads = ["客服", "状态", "在接", "已接待", "首次回复（中位数）", "首次回复（九成以内）", "解决（中位数）", "满意度"];
  const rows = associates.map((one) => [
    one.display || one.name,
    el("span", {}, el("i", { class: "dot", "data-presence": one.state }), PRESENCES[one.state] ?? "—"),
    one.open,
    one.handled,
    span(one.first_reply_p50_s),
    span(one.first_reply_p90_s),
    span(one.resolution_p50_s),
    one.csat_n ? `${one.csat.toFixed(1)}（${one.csat_n}）` : "—",
  ]);
  return el(
    "div",
    { class: "scroller", tabindex: "0", role: "region", "aria-label": "客服表" },
    el(
      "table",
      {},
      el("thead", {}, el("tr", {}, ...heads.map((words) => el("th", { scope: "col" }, words)))),
      el(
        "tbody",
        {},
        ...rows.map(([who, ...cells]) =>
          el(
            "tr",
            {},
            el("th", { scope: "row" }, who),
            ...cells.map((cell) => el("td", {}, cell instanceof Node ? cell : String(cell))),
          ),
        ),
      ),
    ),
  );
}

function share(kept) {
  return kept == null ? "—" : percent(kept);
}

function dateOf(at) {
  const two = (number) => String(number).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}
