import { el } from "../widget/dom.js";
import { moment, yuan } from "../widget/words.js";
import { bars, curve, gauge } from "./charts.js";
import { CHANGES, TIERS, span } from "./words.js";

/** What is known of the order, the customer, the risk, the offers and the mood, for the panel. */
export function riskFacts(risk) {
  return [
    el("div", { title: `模型 ${risk.model_version}` }, gauge(risk)),
    risk.reasons.length > 0 && bars(risk.reasons),
  ];
}

export function moodFacts(mood) {
  return [curve(mood), el("p", { class: "axis" }, el("span", {}, "上：好"), el("span", {}, "下：差"))];
}

export function summaryFacts(summary) {
  const isNote = (line) => line.startsWith("交接说明");
  const lines = summary.split("\n").map((line) => el("li", { class: isNote(line) && "handed-over" }, line));
  return el("ul", { class: "gist" }, ...lines);
}

export function orderFacts(order) {
  return [
    el("p", { class: "order-title" }, order.title, el("span", { class: "tag" }, order.stage_words)),
    rows({
      订单号: order.order_no,
      实付: yuan(order.paid_fen) + (order.shipping_fen ? `（含运费 ${yuan(order.shipping_fen)}）` : ""),
      下单: moment(order.placed_at),
      承诺送达: order.promised_delivery_at && moment(order.promised_delivery_at),
      已超承诺: order.late_hours >= 1 && el("b", { class: "late" }, span(Math.floor(order.late_hours) * 3_600)),
      商品: order.lines?.map(({ title, qty }) => `${title} ×${qty}`).join("、"),
      收货: place(order.address),
    }),
    order.changes?.length > 0 && el("ul", { class: "changes" }, ...order.changes.map(changeRow)),
  ];
}

export function customerFacts(customer) {
  return rows({
    称呼: customer.name,
    等级: TIERS[customer.tier] ?? customer.tier,
    价值分: `${Math.round(customer.rfm)} / 100`,
    历史订单: `${customer.lifetime_orders} 单，取消过 ${customer.cancelled_orders} 单`,
  });
}

export function grantFacts(grants) {
  return grants.length ? el("ul", { class: "grants" }, ...grants.map(grantRow)) : none("还没有提过方案");
}

export function none(words) {
  return el("p", { class: "empty" }, words);
}

function changeRow(change) {
  return el(
    "li",
    {},
    `${moment(change.at)} ${who(change.actor)}${change.kind_words ?? CHANGES[change.kind] ?? change.kind}`,
  );
}

function who(actor) {
  return actor === "bot" ? "机器人" : (actor ?? "").replace("associate:", "客服");
}

/** The service masks the address before it gets here. */
function place(address) {
  if (!address || typeof address === "string") return address;
  const { province, city, district, detail, receiver, phone } = address;
  const town = city === province ? city : `${province}${city}`;
  return el("span", {}, `${town}${district}${detail}`, el("span", { class: "receiver" }, `${receiver} ${phone}`));
}

function grantRow(grant) {
  return el(
    "li",
    {},
    el("p", {}, el("b", {}, grant.title), el("span", { class: "tag", "data-state": grant.state }, grant.state_words)),
    el("p", { class: "fine" }, `${yuan(grant.value_fen)} · ${moment(grant.created_at)}`),
    grant.why && el("p", { class: "fine" }, grant.why),
  );
}

function rows(values) {
  const shown = Object.entries(values).filter(([, value]) => value);
  return el("dl", {}, ...shown.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}
