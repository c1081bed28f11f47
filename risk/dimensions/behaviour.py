"""What the shopper does without saying anything: pages, cart, payment page, address."""

from __future__ import annotations

from risk.evidence import Evidence
from risk.feature import Dimension, Direction, feature

DOUBT_PAGES = frozenset({"policy", "returns"})
REMOTE = ("新疆", "西藏", "青海", "内蒙古", "甘肃", "宁夏", "海南")
SLOW_ANSWER_MINUTES = 5.0


@feature(
    node="browsing.reads_return_policy",
    dimension=Dimension.BROWSING,
    direction=Direction.RAISES,
    says="下单后看了 {whole} 次退换规则",
    otherwise="下单后没看过退换规则",
)
def returns_pages(evidence: Evidence) -> float:
    return len([event for event in evidence.since_order("behaviour.viewed") if event.text("page") in DOUBT_PAGES])


@feature(
    node="browsing.compares_again",
    dimension=Dimension.BROWSING,
    direction=Direction.RAISES,
    says="下单后又看了 {whole} 次商品页",
    otherwise="下单后没再看别的商品",
)
def goods_pages(evidence: Evidence) -> float:
    return len([event for event in evidence.since_order("behaviour.viewed") if event.text("page") == "goods"])


@feature(
    node="cart.adds_after_order",
    dimension=Dimension.CART,
    direction=Direction.RAISES,
    says="下单后又加购 {whole} 次",
    otherwise="下单后没有再加购",
)
def cart_adds(evidence: Evidence) -> float:
    return len(evidence.since_order("behaviour.cart_added"))


@feature(
    node="payment.page_bounced",
    dimension=Dimension.PAYMENT,
    direction=Direction.RAISES,
    says="付款页退出 {whole} 次",
    otherwise="付款过程没有中断",
)
def payment_bounces(evidence: Evidence) -> float:
    return len(evidence.since_order("behaviour.payment_bounced"))


@feature(
    node="payment.failed",
    dimension=Dimension.PAYMENT,
    direction=Direction.RAISES,
    says="支付失败 {whole} 次",
    otherwise="没有支付失败",
)
def payment_failures(evidence: Evidence) -> float:
    return len(evidence.since_order("payment.failed"))


@feature(
    node="payment.bounced_then_slow_answer",
    dimension=Dimension.PAYMENT,
    direction=Direction.RAISES,
    says="付款页退出，又等客服超过 5 分钟",
    otherwise="没有付款中断又等客服的情况",
)
def bounced_then_waited(evidence: Evidence) -> float:
    waited = any(
        event.number("seconds") > SLOW_ANSWER_MINUTES * 60 for event in evidence.all("service.waited", days=14)
    )
    return float(waited and bool(evidence.since_order("behaviour.payment_bounced")))


@feature(
    node="address.changed_repeatedly",
    dimension=Dimension.ADDRESS,
    direction=Direction.RAISES,
    says="改过 {whole} 次收货地址",
    otherwise="收货地址没有改过",
)
def address_changes(evidence: Evidence) -> float:
    return len(evidence.since_order("behaviour.address_changed"))


@feature(
    node="address.remote_region",
    dimension=Dimension.ADDRESS,
    direction=Direction.EITHER,
    says="收货地在偏远地区",
    otherwise="收货地不在偏远地区",
)
def remote_region(evidence: Evidence) -> float:
    return float(evidence.case.order.address.province.startswith(REMOTE))
