"""What warehouse and carrier do with an order: picked, packed, read, held, delayed, tried at the door; and how it was found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from retention.event import Event
from retention.order import MOVING, Stage
from twin.life import hours
from twin.market import Outage
from twin.plan import Plan
from twin.record import Record

SCORES = (5, 4, 3, 2, 1)
SCORE_WEIGHTS = (62, 18, 8, 5, 7)


@dataclass(frozen=True, kw_only=True)
class Handling:
    """As it stood at the moment: only what still bears on the order then. ``events`` lie over its whole life."""

    picked: bool
    packed: bool
    held_hours: float
    failed_deliveries: int
    region_hours: float
    stock_moved: bool
    reviewed: int | None
    events: tuple[Event, ...]


def handle(record: Record, plan: Plan, outage: Outage | None) -> Handling:
    """``outage`` is what is missing at the moment: stock of another warehouse may be on its way."""
    life = record.life
    events = (*_warehouse(record, plan, outage), *_carrier(record, plan))
    seen = {event.kind: event for event in events if event.at <= life.moment}
    waiting, moving = life.stage is Stage.PENDING_SHIPMENT, life.stage in MOVING
    delayed, reviewed = seen.get("fulfilment.region_delayed"), seen.get("review.posted")
    return Handling(
        picked=waiting and "fulfilment.picked" in seen,
        packed=waiting and "fulfilment.packed" in seen,
        held_hours=seen["fulfilment.held"].number("hours") if waiting and "fulfilment.held" in seen else 0.0,
        failed_deliveries=int(moving and "fulfilment.delivery_failed" in seen),
        region_hours=delayed.number("hours") if delayed and (waiting or moving) else 0.0,
        stock_moved="stock.transferred" in seen,
        reviewed=int(reviewed.number("score")) if reviewed and life.stage is Stage.DELIVERED else None,
        events=events,
    )


def came_to_pass(handling: Handling, plan: Plan, *, until: datetime) -> list[Event]:
    """Those of its events that were not cut short: an order that is lost goes no further than where it stood."""
    life, end = plan.life, until
    if until < plan.settles_at and life.stage is not Stage.DELIVERED:
        reached = {Stage.PENDING_PAYMENT: life.moment, Stage.PENDING_SHIPMENT: life.shipped_at}
        end = min(until, reached.get(life.stage, life.delivered_at))
    return [event for event in handling.events if event.at <= end]


def _warehouse(record: Record, plan: Plan, outage: Outage | None) -> list[Event]:
    dice, life = record.dice, record.life
    way = life.shipped_at - life.paid_at
    events = [
        record.at(life.paid_at + way * dice.between(0.3, 0.6), "fulfilment.picked"),
        record.at(life.paid_at + way * dice.between(0.65, 0.95), "fulfilment.packed"),
    ]
    if dice.chance(0.04):
        held_at = life.paid_at + way * dice.between(0.1, 0.3)
        events.append(record.at(held_at, "fulfilment.held", 0, {"hours": dice.whole(6, 60)}))
    if outage is not None and dice.chance(0.4):
        since = max(outage.start, life.placed_at)
        moved_at = since + (life.moment - since) * dice.unit()
        events.append(record.at(moved_at, "stock.transferred", 0, {"to": plan.person.place.warehouse}))
    return events


def _carrier(record: Record, plan: Plan) -> list[Event]:
    dice, life, address = record.dice, record.life, plan.order.address
    stops = (plan.person.place.warehouse, address.province, address.city, address.district)
    events = [
        record.at(at, "fulfilment.scanned", number, {"place": stops[min(number, len(stops) - 1)]})
        for number, at in enumerate(life.scans)
    ]
    if life.announced is not None:
        told_at, late = life.announced
        events.append(record.at(told_at, "fulfilment.delayed", 0, {"hours": late, "cause": "分拨中心积压"}))
    if dice.chance(0.04):
        told_at = life.paid_at + (life.delivered_at - life.paid_at) * dice.between(0.0, 0.6)
        region = {"province": address.province, "hours": dice.whole(24, 96)}
        events.append(record.at(told_at, "fulfilment.region_delayed", 0, region))
    tried_at = life.delivered_at - hours(dice.between(4, 26))
    if dice.chance(0.07) and tried_at > life.shipped_at:
        events.append(record.at(tried_at, "fulfilment.delivery_failed", 0, {"cause": "无人签收"}))
    if dice.chance(0.3):
        posted_at = life.delivered_at + hours(dice.wait(72))
        events.append(
            record.at(posted_at, "review.posted", 0, {"score": dice.weighted(SCORES, SCORE_WEIGHTS)}),
        )
    return events
