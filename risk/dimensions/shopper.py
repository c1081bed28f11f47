"""Who the shopper is to the shop: value and habits."""

from __future__ import annotations

from risk.evidence import Evidence
from risk.feature import Dimension, Direction, feature


@feature(
    node="history.cancels_often",
    dimension=Dimension.CANCELLATION_HISTORY,
    direction=Direction.RAISES,
    says="以前取消过订单，平滑取消率 {percent}%",
    otherwise="没有取消记录",
)
def cancel_rate(evidence: Evidence) -> float:
    """Zero without any cancellation: the prior inside the rate is no habit of this shopper."""
    customer = evidence.case.customer
    return min(1.0, customer.cancel_rate) if customer.cancelled_orders > 0 else 0.0


@feature(
    node="history.returns_often",
    dimension=Dimension.CANCELLATION_HISTORY,
    direction=Direction.RAISES,
    says="以前退过货，平滑退货率 {percent}%",
    otherwise="没有退货记录",
)
def return_rate(evidence: Evidence) -> float:
    customer = evidence.case.customer
    return max(0.0, min(1.0, customer.returned_orders / (customer.lifetime_orders + 2.0)))


@feature(
    node="customer.value",
    dimension=Dimension.CUSTOMER_VALUE,
    direction=Direction.LOWERS,
    says="顾客价值分 {whole}",
    otherwise="顾客价值分为零",
)
def customer_value(evidence: Evidence) -> float:
    """The shop's RFM score, 0..100."""
    return evidence.case.customer.rfm


@feature(
    node="customer.first_order",
    dimension=Dimension.CUSTOMER_VALUE,
    direction=Direction.RAISES,
    says="首次在本店下单",
    otherwise="在本店买过东西",
)
def first_order(evidence: Evidence) -> float:
    return float(evidence.case.customer.lifetime_orders <= 0)
