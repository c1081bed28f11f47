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
    """``name`` is an event's kind, with the page, the topic or the source after a slash where it matters. ``words`` name what
    happened so that a count may follow: 改地址 3 次; those of a milestone so that its age may.
    """

    name: str
    node: str
    words: str
    to_and_fro: str = ""  # the words when a value went back to the one before the last


def _kinds() -> tuple[Kind, ...]:
    rows = (
        (UNKNOWN, "other.event", "其他动态"),
        ("order.placed", "time.waiting_since_order", "下单"),
        ("order.paid", "time.waiting_since_order", "付款"),
        ("order.shipped", "time.waiting_since_order", "发货"),
        ("order.delivered", "time.days_since_delivery", "签收"),
        ("order.cancelled", "outcome.cancelled", "取消订单"),
        ("order.refunded", "outcome.refunded", "退款"),
        ("order.returned", "outcome.returned", "退货"),
        ("behaviour.viewed", "browsing.views_pages", "看页面"),
        ("behaviour.viewed/goods", "browsing.compares_again", "看商品页"),
        ("behaviour.viewed/policy", "browsing.reads_return_policy", "看规则页"),
        ("behaviour.viewed/returns", "browsing.reads_return_policy", "看退换页"),
        ("behaviour.viewed/payment", "payment.left_unpaid", "看付款页"),
        ("behaviour.viewed/order", "browsing.watches_parcel", "看订单页"),
        ("behaviour.viewed/logistics", "browsing.watches_parcel", "查物流"),
        ("behaviour.viewed/reviews", "browsing.reads_reviews", "看评价"),
        ("behaviour.searched", "browsing.searches_again", "搜索商品"),
        ("behaviour.price_compared", "browsing.compares_prices", "比价"),
        ("behaviour.cart_added", "cart.adds_after_order", "加购"),
        ("behaviour.cart_removed", "cart.removes_after_order", "移出购物车"),
        ("behaviour.favourited", "browsing.likes_goods", "收藏商品"),
        ("behaviour.coupon_claimed", "promotion.claims_coupons", "领券"),
        ("behaviour.logged_in", "channel.second_device", "登录"),
        ("behaviour.address_changed", "address.changed_repeatedly", "改地址"),
        ("behaviour.asked_returns", "consultation.asked_returns", "问怎么退"),
        ("behaviour.payment_bounced", "payment.page_bounced", "退出付款页"),
        ("payment.failed", "payment.failed", "支付失败"),
        ("payment.method_changed", "payment.method_changed", "换支付方式"),
        ("payment.instalment", "payment.in_instalments", "选分期付款"),
        ("service.consulted", "service.asked_often", "咨询"),
        ("service.consulted/order", "service.asked_often", "问订单"),
        ("service.consulted/logistics", "consultation.asks_where", "问物流"),
        ("service.consulted/product", "service.asked_often", "问商品"),
        ("service.consulted/price", "service.asked_often", "问价格"),
        ("service.consulted/stock", "service.asked_often", "问库存"),
        ("service.consulted/invoice", "service.asked_often", "问发票"),
        ("service.consulted/policy", "consultation.asks_rules", "问规则"),
        ("service.answered", "service.late_answer", "收到答复"),
        ("service.waited", "service.slow_answer", "等人工"),
        ("service.transferred", "service.passed_on", "被转接"),
        ("service.rated", "service.rated_low", "给服务打分"),
        ("service.complained", "service.complained", "投诉"),
        ("service.asked_cancel", "consultation.asked_to_leave", "提出取消"),
        ("fulfilment.picked", "stage.picked", "拣货"),
        ("fulfilment.packed", "stage.packed", "打包"),
        ("fulfilment.held", "fulfilment.held", "仓库暂扣"),
        ("fulfilment.scanned", "fulfilment.parcel_moves", "物流更新"),
        ("fulfilment.delayed", "fulfilment.announced_delay", "通知延误"),
        ("fulfilment.region_delayed", "fulfilment.region_delayed", "地区延误"),
        ("fulfilment.delivery_failed", "fulfilment.delivery_failed", "派送失败"),
        ("fulfilment.lane", "fulfilment.slow_lane", "线路时效更新"),
        ("price.changed", "price.moved", "调价"),
        ("price.changed/own", "price.moved", "本店调价"),
        ("price.changed/competitor", "price.competitor_lower", "别家调价"),
        ("stock.changed", "stock.variant_missing", "库存变动"),
        ("stock.transferred", "stock.on_its_way", "调货"),
        ("stock.substitute", "stock.substituted", "有替代商品"),
        ("size.chart", "product.size_chart", "尺码表更新"),
        ("size.kept", "product.size_deviates", "尺码反馈更新"),
        ("review.posted", "product.reviewed_low", "写评价"),
    )
    back = {"behaviour.address_changed": "来回改地址"}
    return tuple(Kind(name=name, node=node, words=words, to_and_fro=back.get(name, "")) for name, node, words in rows)


KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _kinds()}


def kind_of(event: Event) -> str:
    """The name of the kind an event is of; ``UNKNOWN`` when nobody described it."""
    if event.data:
        sub = event.text("page") or event.text("topic") or event.text("source")
        name = f"{event.kind}/{sub}"
        if name in KINDS:
            return name
    return event.kind if event.kind in KINDS else UNKNOWN
