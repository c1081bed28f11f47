"""What was bought and how it was paid for, beside the price itself."""

from __future__ import annotations

from retention.order import Stage
from retention.words import CHINA
from risk.evidence import Evidence, paid_unit_fen
from risk.feature import Dimension, Direction, feature

WEEKEND = (5, 6)
FEWEST_STARS, FEWEST_GOOD_STARS = 1, 3


@feature(
    node="payment.method_changed",
    dimension=Dimension.PAYMENT,
    direction=Direction.RAISES,
    says="换过 {whole} 次支付方式",
    otherwise="没有换过支付方式",
)
def method_changes(evidence: Evidence) -> float:
    return len(evidence.since_order("payment.method_changed"))


@feature(
    node="payment.in_instalments",
    dimension=Dimension.PAYMENT,
    direction=Direction.EITHER,
    says="分期付款",
    otherwise="不是分期付款",
)
def instalment(evidence: Evidence) -> float:
    return float(bool(evidence.since_order("payment.instalment")))


@feature(
    node="payment.left_unpaid",
    dimension=Dimension.PAYMENT,
    direction=Direction.EITHER,
    says="下单后已有 {span}没付款",
    otherwise="没有拖着不付款",
)
def unpaid_hours(evidence: Evidence) -> float:
    order = evidence.case.order
    return evidence.hours_since(order.placed_at) if order.stage is Stage.PENDING_PAYMENT else 0.0


@feature(
    node="promotion.deep_discount",
    dimension=Dimension.PROMOTION,
    direction=Direction.EITHER,
    says="这一单比标价少付 {percent}%",
    otherwise="这一单按标价付款",
)
def discount(evidence: Evidence) -> float:
    order = evidence.case.order
    listed_fen = sum(line.qty * line.unit_price_fen for line in order.lines)
    goods_fen = max(0, order.paid_fen - order.shipping_fen)
    return 1 - goods_fen / listed_fen if listed_fen > 0 and goods_fen > 0 else 0.0


@feature(
    node="price.own_rise",
    dimension=Dimension.PRICE_MOVES,
    direction=Direction.LOWERS,
    says="本店同款下单后涨价 {percent}%",
    otherwise="本店下单后没有涨价",
)
def own_rise(evidence: Evidence) -> float:
    """The dearest line decides. Who would have to pay more today holds on to the order."""
    rises = [0.0]
    told = {event.sku: event for event in evidence.since_order("price.changed") if event.text("source") == "own"}
    for line in evidence.case.order.lines:
        paid, newest = paid_unit_fen(evidence, line), told.get(line.sku)
        if newest is not None and paid > 0:
            rises.append(newest.number("price_fen") / paid - 1)
    return max(rises)


@feature(
    node="product.several_goods",
    dimension=Dimension.PRODUCT,
    direction=Direction.EITHER,
    says="一单有 {whole} 件商品",
    otherwise="这一单没有商品",
)
def pieces(evidence: Evidence) -> float:
    return sum(line.qty for line in evidence.case.order.lines)


@feature(
    node="product.reviewed_low",
    dimension=Dimension.PRODUCT,
    direction=Direction.RAISES,
    says="给商品打了低分",
    otherwise="没有给商品打低分",
)
def low_review(evidence: Evidence) -> float:
    """How far the newest review lies below three stars."""
    posted = evidence.since_order("review.posted")
    if not posted:
        return 0.0
    return FEWEST_GOOD_STARS - max(FEWEST_STARS, posted[-1].number("score", FEWEST_GOOD_STARS))


@feature(
    node="customer.larger_than_usual",
    dimension=Dimension.CUSTOMER_VALUE,
    direction=Direction.EITHER,
    says="这一单是平时的 {percent}%",
    otherwise="没有平时的金额可比",
)
def against_usual(evidence: Evidence) -> float:
    """The order against the mean of the customer's earlier ones."""
    customer = evidence.case.customer
    if customer.lifetime_orders <= 0 or customer.lifetime_spend_fen <= 0:
        return 0.0
    return max(0, evidence.case.order.paid_fen) * customer.lifetime_orders / customer.lifetime_spend_fen


@feature(
    node="customer.buys_often",
    dimension=Dimension.CUSTOMER_VALUE,
    direction=Direction.EITHER,
    says="在本店下过 {whole} 单",
    otherwise="在本店没有下过单",
)
def lifetime_orders(evidence: Evidence) -> float:
    return evidence.case.customer.lifetime_orders


@feature(
    node="time.weekend_order",
    dimension=Dimension.TIME,
    direction=Direction.EITHER,
    says="周末下的单",
    otherwise="不是周末下单",
)
def weekend_order(evidence: Evidence) -> float:
    return float(evidence.case.order.placed_at.astimezone(CHINA).weekday() in WEEKEND)
