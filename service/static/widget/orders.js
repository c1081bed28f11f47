import { el, press } from "./dom.js";
import { yuan } from "./words.js";

/** The shopper's open orders to pick one from. `load` resolves to them; `pick` gets the order's number. */
export function orderList(load, pick) {
  const list = el("div", { role: "status" });
  const show = async () => {
    list.replaceChildren("正在加载订单");
    try {
      const orders = await load();
      list.replaceChildren(...(orders[0] ? orders.map((order) => row(order, pick)) : ["没有进行中的订单"]));
    } catch {
      list.replaceChildren(press("link", show, "订单没有加载出来，点此重试"));
    }
  };
  show();
  return list;
}

function row({ order_no, title, stage_words, paid_fen, image }, pick) {
  const source = { src: image, alt: "", loading: "lazy", referrerpolicy: "no-referrer" };
  return press(
    "order",
    () => pick(order_no),
    image && el("img", { ...source, onerror: ({ target }) => target.remove() }),
    el("span", {}, el("b", {}, title), el("small", {}, `尾号 ${order_no.slice(-4)} · ${yuan(paid_fen)}`)),
    el("em", {}, stage_words),
  );
}
