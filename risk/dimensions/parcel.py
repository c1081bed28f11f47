"""How far warehouse and carrier have got, and what holds them up."""

from __future__ import annotations

from datetime import timedelta

from retention.order import MOVING, Stage
from risk.dimensions.fulfilment import missing, under_way
from risk.evidence import Evidence
from risk.feature import Dimension, Direction, feature


@feature(
    node="fulfilment.held",
    dimension=Dimension.LOGISTICS,
    direction=Direction.RAISES,
    says="仓库暂扣 {span}",
    otherwise="仓库没有暂扣",
)
def held_hours(evidence: Evidence) -> float:
    held = evidence.since_order("fulfilment.held")
    return held[-1].number("hours") if held and evidence.case.order.stage is Stage.PENDING_SHIPMENT else 0.0


@feature(
    node="fulfilment.delivery_failed",
    dimension=Dimension.LOGISTICS,
    direction=Direction.RAISES,
    says="派送失败 {whole} 次",
    otherwise="没有派送失败",
)
def delivery_failures(evidence: Evidence) -> float:
    return len(evidence.since_order("fulfilment.delivery_failed")) if evidence.case.order.stage in MOVING else 0.0


@feature(
    node="fulfilment.region_delayed",
    dimension=Dimension.LOGISTICS,
    direction=Direction.RAISES,
    says="收货地区整体晚到 {span}",
    otherwise="收货地区没有整体延误",
)
def region_delay_hours(evidence: Evidence) -> float:
    """A delay of another province is none of this order's; one that names no province is."""
    order = evidence.case.order
    if not under_way(order) or order.stage is Stage.PENDING_PAYMENT:
        return 0.0
    told = evidence.since_order("fulfilment.region_delayed")
    ours = [event for event in told if event.text("province") in ("", order.address.province)]
    return ours[-1].number("hours") if ours else 0.0


@feature(
    node="fulfilment.promise_near",
    dimension=Dimension.LOGISTICS,
    direction=Direction.EITHER,
    says="离承诺送达还有 {span}",
    otherwise="没有还在等的承诺",
)
def hours_to_promise(evidence: Evidence) -> float:
    order = evidence.case.order
    due = order.promised_delivery_at
    return (due - evidence.case.now) / timedelta(hours=1) if due is not None and under_way(order) else 0.0


@feature(
    node="fulfilment.parcel_moves",
    dimension=Dimension.LOGISTICS,
    direction=Direction.EITHER,
    says="物流已更新 {whole} 次",
    otherwise="物流还没有更新",
)
def parcel_scans(evidence: Evidence) -> float:
    return len(evidence.all("fulfilment.scanned")) if evidence.case.order.stage in MOVING else 0.0


@feature(
    node="stage.picked",
    dimension=Dimension.STAGE,
    direction=Direction.LOWERS,
    says="仓库已拣货",
    otherwise="仓库还没拣货",
)
def is_picked(evidence: Evidence) -> float:
    return _waiting_after(evidence, "fulfilment.picked")


@feature(
    node="stage.packed",
    dimension=Dimension.STAGE,
    direction=Direction.LOWERS,
    says="仓库已打包",
    otherwise="仓库还没打包",
)
def is_packed(evidence: Evidence) -> float:
    return _waiting_after(evidence, "fulfilment.packed")


def _waiting_after(evidence: Evidence, kind: str) -> float:
    return float(evidence.case.order.stage is Stage.PENDING_SHIPMENT and bool(evidence.since_order(kind)))


@feature(
    node="stock.on_its_way",
    dimension=Dimension.STOCK,
    direction=Direction.LOWERS,
    says="缺的货已从别的仓调来",
    otherwise="没有从别的仓调货",
)
def stock_transferred(evidence: Evidence) -> float:
    return float(bool(evidence.all("stock.transferred")) and bool(missing(evidence)))
