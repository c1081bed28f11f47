"""The kinds of things a sequence may hold: each the risk node it speaks for and its Chinese words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from retention.event import Event

UNKNOWN = "unknown"
MILESTONES = ("order.placed", "order.paid", "order.shipped", "order.delivered")
"""Moments of the order itself."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """``name`` is an event's kind, with the page after a slash where the page is what matters. ``words`` name what
    happened so that a count may follow: 改地址 3 次; those of a milestone so that its age may.
    """

    name: str
    node: str
    words: str
    to_and_fro: str = ""  # the words when a value went back to the one before the last


def _kinds() -> tuple[Kind, ...]:
    rows = (
        (UNKNOWN, "time.waiting_since_order", "其他动态"),
        ("order.placed", "time.waiting_since_order", "下单"),
        ("order.paid", "time.waiting_since_order", "付款"),
        ("order.shipped", "fulfilment.parcel_silent", "发货"),
        ("order.delivered", "stage.delivered", "签收"),
        ("order.cancelled", "history.cancels_often", "取消其他订单"),
        ("order.refunded", "history.returns_often", "退款"),
        ("order.returned", "history.returns_often", "退货"),
        ("behaviour.viewed", "browsing.compares_again", "浏览页面"),
        ("behaviour.viewed/goods", "browsing.compares_again", "看商品页"),
        ("behaviour.viewed/policy", "browsing.reads_return_policy", "看规则页"),
        ("behaviour.viewed/returns", "browsing.reads_return_policy", "看退换页"),
        ("behaviour.viewed/payment", "payment.page_bounced", "看付款页"),
        ("behaviour.viewed/order", "time.waiting_since_order", "看订单页"),
        ("behaviour.viewed/logistics", "fulfilment.parcel_silent", "查物流"),
        ("behaviour.viewed/reviews", "browsing.compares_again", "看评价"),
        ("behaviour.searched", "browsing.compares_again", "搜索"),
        ("behaviour.cart_added", "cart.adds_after_order", "加购"),
        ("behaviour.cart_removed", "cart.adds_after_order", "移出购物车"),
        ("behaviour.favourited", "browsing.compares_again", "收藏"),
        ("behaviour.address_changed", "address.changed_repeatedly", "改地址"),
        ("behaviour.asked_returns", "consultation.asked_returns", "问退货"),
        ("behaviour.payment_bounced", "payment.page_bounced", "退出付款页"),
        ("behaviour.price_compared", "price.competitor_lower", "比价"),
        ("behaviour.coupon_claimed", "promotion.impulse_order", "领券"),
        ("behaviour.logged_in", "browsing.compares_again", "登录"),
        ("service.consulted", "consultation.trouble_raised", "咨询"),
        ("service.waited", "service.slow_answer", "等客服"),
        ("service.answered", "service.slow_answer", "客服回复"),
        ("service.transferred", "service.person_wanted", "被转接"),
        ("service.complained", "service.complained", "投诉"),
        ("service.rated", "service.complained", "给客服打分"),
        ("service.asked_cancel", "consultation.asked_to_leave", "要求取消"),
        ("payment.failed", "payment.failed", "支付失败"),
        ("payment.method_changed", "payment.page_bounced", "换支付方式"),
        ("payment.instalment", "payment.page_bounced", "选择分期"),
        ("fulfilment.picked", "fulfilment.late_dispatch", "拣货"),
        ("fulfilment.packed", "fulfilment.late_dispatch", "打包"),
        ("fulfilment.scanned", "fulfilment.parcel_silent", "包裹扫描"),
        ("fulfilment.held", "fulfilment.parcel_silent", "包裹滞留"),
        ("fulfilment.delivery_failed", "fulfilment.late_promise", "派送失败"),
        ("fulfilment.delayed", "fulfilment.announced_delay", "告知延误"),
        ("fulfilment.region_delayed", "fulfilment.announced_delay", "当地延误"),
        ("price.changed/own", "price.own_drop", "本店调价"),
        ("price.changed/competitor", "price.competitor_lower", "别家调价"),
        ("stock.changed", "stock.variant_missing", "库存变动"),
        ("stock.transferred", "stock.variant_missing", "调货"),
        ("review.posted", "service.complained", "写评价"),
    )
    back = {"behaviour.address_changed": "来回改地址"}
    return tuple(Kind(name=name, node=node, words=words, to_and_fro=back.get(name, "")) for name, node, words in rows)


KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _kinds()}


def kind_of(event: Event) -> str:
    """The name of the kind an event is of; ``UNKNOWN`` when nobody described it."""
    sub = event.text("page") or event.text("source")
    for name in (f"{event.kind}/{sub}", event.kind):
        if name in KINDS:
            return name
    return UNKNOWN
