import { el } from "../widget/dom.js";
import { yuan } from "../widget/words.js";

/** What may still be promised for the order: each offer with one button for who holds the conversation; and why not the rest. */
export function authorityFacts({ value, trouble }, mayGrant, grant) {
  if (trouble) return el("p", { class: "trouble" }, `没有读到：${trouble}`);
  const { left_fen, why_not, offers, withheld, ruled_out } = value;
  return [
    offers.length + withheld.length === 0 && el("p", {}, "现在没有可以给的方案"),
    why_not && el("p", { class: "fine" }, why_not),
    left_fen > 0 && el("p", { class: "fine" }, `这单的补偿额度还剩 ${yuan(left_fen)}`),
    offers.length > 0 && el("ul", { class: "offers" }, ...offers.map((offer) => offerRow(offer, mayGrant && grant))),
    withheld.length > 0 && [
      el("p", { class: "fine" }, "系统先没有给，您写明理由可以给："),
      el("ul", { class: "offers" }, ...withheld.map((offer) => offerRow(offer, mayGrant && grant))),
    ],
    offers.length + withheld.length > 0 && !mayGrant && el("p", { class: "fine" }, "认领后可以发放"),
    ruled_out.length > 0 &&
      el(
        "details",
        { class: "ruled-out" },
        el("summary", {}, `另有 ${ruled_out.length} 个方案不适用`),
        el("ul", {}, ...ruled_out.map(({ title, why }) => el("li", {}, el("b", {}, title), `：${why}`))),
      ),
  ].flat();
}

/** What the offer is worth to the shopper, and what it costs the shop. */
export function amounts({ value_fen, cost_fen }) {
  const cost = cost_fen === value_fen ? "" : `，成本约 ${yuan(cost_fen)}`;
  return `价值 ${yuan(value_fen)}${cost}`;
}

function offerRow(offer, grant) {
  return el(
    "li",
    {},
    el(
      "p",
      {},
      el("b", {}, offer.title),
      grant && el("button", { type: "button", onclick: () => grant(offer) }, offer.withheld ? "写理由发放" : "发放"),
    ),
    el("p", { class: "fine" }, amounts(offer)),
    el("p", { class: "fine" }, offer.withheld ?? offer.why),
  );
}
