import { el } from "../widget/dom.js";
import { moment, yuan } from "../widget/words.js";
import { bars, curve, gauge } from "./charts.js";
import { CHANGES, TIERS } from "./words.js";

/** The right column: how likely the order is lost and why, the order, the customer, what was offered, the mood. */
export function facts({ risk, order, customer, grants, mood }) {
  return [
    risk &&
      part(
        "流失风险",
        gauge(risk),
        risk.reasons.length ? bars(risk.reasons) : null,
        el("p", { class: "fine" }, `模型 ${risk.model_version}`),
      ),
    order ? orderPart(order) : part("订单", none("这次会话还没有关联订单")),
    customer ? customerPart(customer) : part("顾客", none("访客，未登录")),
    part("补偿方案", grants.length ? el("ul", { class: "grants" }, ...grants.map(grantRow)) : none("还没有提过方案")),
    mood.length > 0 &&
      part("情绪变化", curve(mood), el("p", { class: "axis" }, el("span", {}, "上：好"), el("span", {}, "下：差"))),
  ].filter(Boolean);
}

function orderPart(order) {
  return part(
    "订单",
    el("p", { class: "order-title" }, order.title, el("span", { class: "tag" }, order.stage_words)),
    rows({
      订单号: order.order_no,
      实付: yuan(order.paid_fen) + (order.shipping_fen ? `（含运费 ${yuan(order.shipping_fen)}）` : ""),
      下单: moment(order.placed_at),
      承诺送达: order.promised_delivery_at && moment(order.promised_delivery_at),
      已超承诺: order.late_hours >= 1 && el("b", { class: "late" }, `${Math.floor(order.late_hours)} 小时`),
      商品: order.lines?.map(({ title, qty }) => `${title} ×${qty}`).join("、"),
      收货: place(order.address),
    }),
    order.changes?.length ? el("ul", { class: "changes" }, ...order.changes.map(changeRow)) : null,
  );
}

function changeRow(change) {
  const who = change.actor === "bot" ? "机器人" : (change.actor ?? "").replace("associate:", "客服");
  return el("li", {}, `${moment(change.at)} ${who}${change.kind_words ?? CHANGES[change.kind] ?? change.kind}`);
}

/** The service masks the address before it gets here. */
function place(address) {
  if (!address || typeof address === "string") return address;
  const { province, city, district, detail, receiver, phone } = address;
  const town = city === province ? city : `${province}${city}`;
  return el("span", {}, `${town}${district}${detail}`, el("span", { class: "receiver" }, `${receiver} ${phone}`));
}

function customerPart(customer) {
  return part(
    "顾客",
    rows({
      称呼: customer.name,
      等级: TIERS[customer.tier] ?? customer.tier,
      价值分: `${Math.round(customer.rfm)} / 100`,
      历史订单: `${customer.lifetime_orders} 单，取消过 ${customer.cancelled_orders} 单`,
    }),
  );
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

function part(title, ...children) {
  return el("section", { class: "part" }, el("h2", {}, title), ...children);
}

function rows(values) {
  const shown = Object.entries(values).filter(([, value]) => value);
  return el("dl", {}, ...shown.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}

function none(words) {
  return el("p", { class: "empty" }, words);
}
