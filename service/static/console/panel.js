import { el } from "../widget/dom.js";
import { authorityFacts } from "./authority.js";
import { customerFacts, grantFacts, moodFacts, none, orderFacts, riskFacts, summaryFacts } from "./facts.js";
import { Fold } from "./fold.js";
import { History } from "./history.js";
import { hrefOf } from "./place.js";
import { Tags } from "./tags.js";

const TITLES = {
  summary: "摘要（转人工时）",
  rating: "顾客评价",
  order: "订单",
  authority: "可以给的方案",
  risk: "流失风险",
  mood: "情绪变化",
  grants: "已提的方案",
  customer: "顾客",
  labels: "标签",
  history: "以往会话",
};

/** The right column: what an associate needs beside the conversation. `grant(offer)` asks first. */
export class Panel {
  constructor(root, { grant, label, told }) {
    this.grant = grant;
    this.tags = new Tags({ save: label, told });
    this.history = new History();
    this.folds = Object.fromEntries(Object.entries(TITLES).map(([name, title]) => [name, new Fold(name, title)]));
    this.empty = el("p", { class: "empty" }, "选中会话后，这里是订单、顾客和风险");
    this.back = el("a", { class: "to-talk" }, "‹ 回到会话");
    this.node = el("div", {}, this.back, ...Object.values(this.folds).map(({ node }) => node));
    root.append(this.empty, this.node);
  }

  render(detail, mayGrant) {
    this.empty.hidden = Boolean(detail);
    this.node.hidden = !detail;
    if (!detail) return;
    const { conversation, summary, order, risk, mood, grants, customer, authority, rating } = detail;
    const { folds } = this;
    this.back.href = hrefOf("desk", conversation.conversation_id);
    folds.summary.show(summary || null, summaryFacts);
    folds.rating.show(rating, ratingFacts);
    folds.order.show([order], () => (order ? orderFacts(order) : none("这次会话还没有关联订单")));
    folds.authority.show(authority && [authority, mayGrant], () => authorityFacts(authority, mayGrant, this.grant));
    folds.risk.show(risk, riskFacts);
    folds.mood.show(mood.length ? mood : null, moodFacts);
    folds.grants.show([grants], () => grantFacts(grants));
    folds.customer.show([customer], () => (customer ? customerFacts(customer) : none("访客，未登录")));
    folds.labels.show(true, () => this.tags.node);
    this.tags.render(detail.labels ?? []);
    folds.history.show(customer ? true : null, () => this.history.node);
    if (customer) this.history.render(customer.customer_id, conversation.conversation_id);
  }
}

function ratingFacts({ score, comment }) {
  return [
    el("p", {}, el("b", {}, `${score} 分`), el("span", { class: "fine" }, " / 5")),
    comment && el("p", { class: "fine" }, comment),
  ];
}
