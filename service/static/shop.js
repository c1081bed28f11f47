import { el } from "./widget/dom.js";
import { moment, yuan } from "./widget/words.js";
import { tile } from "./shop/goods.js";

const chat = document.querySelector("tourniquet-chat");
const byId = (id) => document.getElementById(id);
const UNPAID = "pending_payment";

async function call(path, body) {
  const request = body && {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
  const response = await fetch(path, request);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

function shopperCard(shopper) {
  return el(
    "li",
    {},
    el(
      "button",
      {
        type: "button",
        class: "shopper",
        id: `shopper-${shopper.customer_id}`,
        onclick: () => (location.hash = shopper.customer_id),
      },
      el("span", { class: "face", "aria-hidden": "true" }, [...shopper.name][0]),
      el("span", { class: "who" }, el("b", {}, shopper.name), el("span", {}, shopper.story)),
    ),
  );
}

/** The promise as the shopper feels it: on time, or how late. */
function promise({ promised_delivery_at: promised, stage }) {
  if (!promised) return el("p", { class: "promise" }, stage === UNPAID ? "付款后安排发货" : "送达时间以物流为准");
  const hours = (Date.now() - Date.parse(promised)) / 3_600_000;
  const isLate = hours > 0 && !["delivered", "after_sale"].includes(stage);
  const whole = Math.max(1, Math.floor(hours));
  const days = `${Math.floor(whole / 24)} 天${whole % 24 ? ` ${whole % 24} 小时` : ""}`;
  const late = whole < 48 ? `${whole} 小时` : days;
  return el(
    "p",
    { class: isLate ? "promise late" : "promise" },
    `承诺 ${moment(promised)} 送达`,
    isLate && el("b", {}, `已晚 ${late}`),
  );
}

function orderCard(order) {
  const draft = `我想取消这个订单，订单号 ${order.order_no}`;
  return el(
    "li",
    { class: "order" },
    tile(order),
    el(
      "div",
      { class: "facts" },
      el("p", { class: "stage", "data-stage": order.stage }, order.stage_words),
      el("h3", {}, order.title),
      promise(order),
      el(
        "p",
        { class: "marks" },
        el("span", {}, `下单 ${moment(order.placed_at)}`),
        el("span", {}, `订单号 ${order.order_no}`),
      ),
      el("p", { class: "price" }, order.stage === UNPAID ? "待付 " : "实付 ", el("b", {}, yuan(order.paid_fen))),
    ),
    el(
      "div",
      { class: "acts" },
      el("button", { type: "button", class: "plain", onclick: () => chat.open({ draft }) }, "申请取消"),
      el("button", { type: "button", class: "solid", onclick: () => chat.open() }, "联系客服"),
    ),
  );
}

async function signIn(shopper) {
  const { customer_token } = await call("/demo/sign-in", { customer_id: shopper.customer_id });
  await customElements.whenDefined("tourniquet-chat");
  chat.setAttribute("customer-token", customer_token);
  byId("orders-title").textContent = `${shopper.name}的订单`;
  byId("story").textContent = shopper.story;
  const cards = shopper.open_orders.map(orderCard);
  byId("order-list").replaceChildren(...(cards.length ? cards : [el("li", { class: "none" }, "没有进行中的订单")]));
}

async function show(shoppers) {
  const shopper = shoppers.find(({ customer_id }) => customer_id === decodeURIComponent(location.hash.slice(1)));
  if (shopper) await signIn(shopper);
  else chat.removeAttribute("customer-token");
  document.querySelector(".shopper[aria-current]")?.removeAttribute("aria-current");
  byId(`shopper-${shopper?.customer_id}`)?.setAttribute("aria-current", "true");
  document.querySelector("main").toggleAttribute("data-picked", Boolean(shopper));
  byId("orders").hidden = !shopper;
  scrollTo(0, 0);
  if (shopper && !document.activeElement?.matches("tourniquet-chat")) byId("orders-title").focus();
}

function fail() {
  byId("notice").textContent = "店铺暂时打不开，请确认服务已启动后刷新页面";
  byId("notice").hidden = false;
}

async function start() {
  const { shoppers } = await call("/demo/shoppers");
  byId("shoppers").replaceChildren(...shoppers.map(shopperCard));
  byId("switch").addEventListener("click", () => (location.hash = ""));
  addEventListener("hashchange", () => show(shoppers).catch(fail));
  await show(shoppers);
}

start().catch(fail);
