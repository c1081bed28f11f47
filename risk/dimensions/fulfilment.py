"""How the order itself is doing: stage, dispatch, delivery, stock."""

from __future__ import annotations

from datetime import timedelta

from retention.event import Event
from retention.order import MOVING, UNSHIPPED, Line, Order, Stage
from risk.evidence import Evidence
from risk.feature import Dimension, Direction, feature


def under_way(order: Order) -> bool:
    return order.delivered_at is None and (order.stage in UNSHIPPED or order.stage in MOVING)


@feature(
    node="fulfilment.late_promise",
    dimension=Dimension.LOGISTICS,
    direction=Direction.RAISES,
    says="承诺送达已超过 {span}",
    otherwise="没有超过承诺送达时间",
)
def late_hours(evidence: Evidence) -> float:
    order = evidence.case.order
    return evidence.hours_since(order.promised_delivery_at) if under_way(order) else 0.0


@feature(
    node="fulfilment.late_dispatch",
    dimension=Dimension.LOGISTICS,
    direction=Direction.RAISES,
    says="承诺发货已超过 {span}",
    otherwise="发货没有拖延",
)
def dispatch_late_hours(evidence: Evidence) -> float:
    order = evidence.case.order
    waiting = order.stage in UNSHIPPED and order.shipped_at is None
    return evidence.hours_since(order.promised_ship_at) if waiting else 0.0


@feature(
    node="fulfilment.announced_delay",
    dimension=Dimension.LOGISTICS,
    direction=Direction.RAISES,
    says="物流通知会晚到 {span}",
    otherwise="物流没有通知延误",
)
def announced_delay_hours(evidence: Evidence) -> float:
    told = evidence.all("fulfilment.delayed")
    return max(0.0, told[-1].number("hours")) if told and under_way(evidence.case.order) else 0.0


@feature(
    node="fulfilment.parcel_silent",
    dimension=Dimension.LOGISTICS,
    direction=Direction.RAISES,
    says="物流 {span}没有更新",
    otherwise="物流信息正常更新",
)
def silent_hours(evidence: Evidence) -> float:
    order = evidence.case.order
    if order.stage not in MOVING:
        return 0.0
    scans = evidence.all("fulfilment.scanned")
    return evidence.hours_since(scans[-1].at if scans else order.shipped_at)


def missing(evidence: Evidence) -> list[Event]:
    """The newest stock report of every line that is out of stock; goods on their way need no stock."""
    order = evidence.case.order
    if order.stage not in UNSHIPPED:
        return []
    newest = (_stock_report(evidence, line) for line in order.lines)
    return [told for told in newest if told is not None and told.data.get("available") is False]


def _stock_report(evidence: Evidence, line: Line) -> Event | None:
    bought = evidence.case.order.variant_of(line.sku)
    for told in reversed(evidence.all("stock.changed")):
        if told.sku == line.sku and (not told.text("variant") or not bought or told.text("variant") == bought):
            return told
    return None


@feature(
    node="stock.variant_missing",
    dimension=Dimension.STOCK,
    direction=Direction.RAISES,
    says="所买规格缺货",
    otherwise="所买规格没有缺货",
)
def out_of_stock(evidence: Evidence) -> float:
    return float(bool(missing(evidence)))


@feature(
    node="stock.long_restock",
    dimension=Dimension.STOCK,
    direction=Direction.RAISES,
    says="预计还要等 {whole} 天到货",
    otherwise="不用等补货",
)
def restock_wait_days(evidence: Evidence) -> float:
    """Zero when no day was told: an unknown day is no short wait, but nobody knows how long it is."""
    waits = [told.number("restock_days") - evidence.hours_since(told.at) / 24 for told in missing(evidence)]
    return max([0.0, *waits])


@feature(
    node="stage.awaits_payment",
    dimension=Dimension.STAGE,
    direction=Direction.EITHER,
    says="订单还没付款",
    otherwise="订单已付款",
)
def awaits_payment(evidence: Evidence) -> float:
    return float(evidence.case.order.stage is Stage.PENDING_PAYMENT)


@feature(
    node="stage.awaits_dispatch",
    dimension=Dimension.STAGE,
    direction=Direction.EITHER,
    says="订单还没发货，随时可以取消",
    otherwise="订单不在待发货阶段",
)
def awaits_dispatch(evidence: Evidence) -> float:
    return float(evidence.case.order.stage is Stage.PENDING_SHIPMENT)


@feature(
    node="stage.delivered",
    dimension=Dimension.STAGE,
    direction=Direction.EITHER,
    says="商品已签收",
    otherwise="商品还没签收",
)
def is_delivered(evidence: Evidence) -> float:
    return float(evidence.case.order.stage in (Stage.DELIVERED, Stage.AFTER_SALE))


@feature(
    node="time.days_since_delivery",
    dimension=Dimension.TIME,
    direction=Direction.LOWERS,
    says="签收已有 {whole} 天",
    otherwise="还没签收",
)
def days_since_delivery(evidence: Evidence) -> float:
    return evidence.hours_since(evidence.case.order.delivered_at) / 24


@feature(
    node="time.waiting_since_order",
    dimension=Dimension.TIME,
    direction=Direction.RAISES,
    says="下单后已等了 {whole} 天",
    otherwise="商品已签收，不用再等",
)
def waiting_days(evidence: Evidence) -> float:
    order = evidence.case.order
    return max(0.0, (evidence.case.now - order.placed_at) / timedelta(days=1)) if under_way(order) else 0.0
