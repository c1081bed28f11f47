"""One past order of the synthetic shop: drawn, lived, talked about, and lost or kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from retention.customer import Customer
from retention.event import Event
from retention.hearing import Hearing, Reason
from retention.order import MOVING, UNSHIPPED, Order, Stage
from twin.consultation import Consultation, consult
from twin.dice import Dice
from twin.life import Life
from twin.market import Shelf
from twin.people import Person
from twin.process import Circumstances, cause, probability
from twin.trail import Trail, trail

RETURN_WINDOW = timedelta(days=7)
REMOTE = ("新疆", "西藏", "青海", "内蒙古", "甘肃", "宁夏", "海南")
NIGHT_HOURS = frozenset({15, 16, 17, 18, 19, 20})
"""23:00 to 5:00 in China, in UTC."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """An order as placed, and the life ahead of it. ``order`` holds every time of that life."""

    person: Person
    order: Order
    shelves: tuple[Shelf, ...]
    variant: str | None
    life: Life

    @property
    def settles_at(self) -> datetime:
        """When its outcome is beyond doubt."""
        return self.life.ends_at + RETURN_WINDOW


@dataclass(frozen=True, kw_only=True)
class PastOrder:
    """``then`` and ``customer`` are as they stood at ``moment``; ``order`` is as it stands at the history's end.

    ``events`` are the order's own over its whole life, oldest first: some lie after the moment. ``true_probability``
    is what the process drew ``lost`` with.
    """

    order: Order
    then: Order
    customer: Customer
    moment: datetime
    events: tuple[Event, ...]
    hearings: tuple[Hearing, ...]
    goal: str | None
    reasons: tuple[Reason, ...]
    true_probability: float
    lost: bool
    ended_at: datetime
    settles_at: datetime


def past_order(dice: Dice, plan: Plan, customer: Customer, *, now: datetime) -> PastOrder:
    life, order_no = plan.life, plan.order.order_no
    doubt = dice.normal(0, 1)
    late = _past(life.moment, life.promised_delivery_at) if life.stage is not Stage.DELIVERED else 0.0
    walked = trail(dice, order_no=order_no, customer_id=customer.customer_id, life=life, doubt=doubt, late_hours=late)
    facts = _circumstances(plan, customer, walked, doubt=doubt, late_hours=late)
    talk = consult(dice, facts)
    chance = probability(facts, talk.speech)
    lost = dice.chance(chance)
    ended_at = life.moment + timedelta(hours=dice.between(0.2, 12)) if lost else plan.settles_at
    events = [*walked.events, *_way(plan, until=ended_at), *_asked_by_phone(plan, talk)]
    if lost:
        events.append(_end(plan, ended_at, cause(facts) or "changed_mind"))
    return PastOrder(
        order=_as_left(plan, lost=lost, ended_at=ended_at, now=now),
        then=as_of(plan.order, life.stage),
        customer=customer,
        moment=life.moment,
        events=tuple(sorted(events, key=lambda event: (event.at, event.event_id))),
        hearings=talk.hearings,
        goal=talk.goal,
        reasons=talk.reasons,
        true_probability=chance,
        lost=lost,
        ended_at=ended_at,
        settles_at=plan.settles_at,
    )


def as_of(order: Order, stage: Stage) -> Order:
    """The order as the shop saw it in that stage: nothing that was still to come."""
    paid = stage is not Stage.PENDING_PAYMENT
    shipped = stage not in UNSHIPPED
    attributes = dict(order.attributes)
    if not shipped:
        attributes.pop("carrier", None)
        attributes.pop("tracking_no", None)
    return replace(
        order,
        stage=stage,
        paid_at=order.paid_at if paid else None,
        promised_ship_at=order.promised_ship_at if paid else None,
        promised_delivery_at=order.promised_delivery_at if paid else None,
        shipped_at=order.shipped_at if shipped else None,
        delivered_at=order.delivered_at if stage is Stage.DELIVERED else None,
        attributes=attributes,
    )


def _as_left(plan: Plan, *, lost: bool, ended_at: datetime, now: datetime) -> Order:
    if not lost:
        return replace(plan.order, stage=Stage.CLOSED if ended_at <= now else Stage.DELIVERED)
    then = as_of(plan.order, plan.life.stage)
    if plan.life.stage is not Stage.DELIVERED:
        return replace(then, stage=Stage.CANCELLED)
    refunded = {**then.attributes, "refunded": True}
    return replace(then, stage=Stage.CLOSED if plan.settles_at <= now else Stage.AFTER_SALE, attributes=refunded)


def _circumstances(plan: Plan, customer: Customer, walked: Trail, *, doubt: float, late_hours: float) -> Circumstances:
    life, order = plan.life, plan.order
    unshipped = life.stage in UNSHIPPED
    outages = (
        [outage for shelf in plan.shelves if (outage := shelf.outage(life.moment, plan.variant))] if unshipped else []
    )
    waits = [outage.announced_days - (life.moment - outage.start) / timedelta(days=1) for outage in outages]
    listed_fen = sum(line.qty * line.unit_price_fen for line in order.lines)
    paid_share = (order.paid_fen - order.shipping_fen) / listed_fen
    return Circumstances(
        late_hours=late_hours if life.stage is not Stage.PENDING_PAYMENT else 0.0,
        dispatch_late_hours=_past(life.moment, life.promised_ship_at) if life.stage is Stage.PENDING_SHIPMENT else 0.0,
        announced_hours=_announced_hours(life),
        silent_hours=_silent_hours(life),
        out_of_stock=bool(outages),
        restock_days=max(waits, default=0.0),
        own_drop=_largest_drop(plan, "own", paid_share),
        competitor_drop=_largest_drop(plan, "competitor", paid_share),
        bounces=walked.bounces,
        failures=walked.failures,
        wait_minutes=walked.wait_minutes,
        complaints=walked.complaints,
        returns_pages=walked.returns_pages,
        goods_pages=walked.goods_pages,
        cart_adds=walked.cart_adds,
        asked_returns=walked.asked_returns,
        address_changes=walked.address_changes,
        promotion=order.promotion_id is not None,
        top_up=order.promotion_id is not None and len(order.lines) >= 3,
        fit_sensitive=any(line.category in ("服饰", "鞋") for line in order.lines),
        paid_yuan=order.paid_fen / 100,
        rfm=customer.rfm,
        first_order=customer.lifetime_orders == 0,
        cancel_rate=customer.cancelled_orders / (customer.lifetime_orders + 2),
        return_rate=customer.returned_orders / (customer.lifetime_orders + 2),
        night=order.placed_at.hour in NIGHT_HOURS,
        live_stream=order.channel == "live",
        remote=order.address.province.startswith(REMOTE),
        awaits_payment=life.stage is Stage.PENDING_PAYMENT,
        awaits_dispatch=life.stage is Stage.PENDING_SHIPMENT,
        delivered_days=_past(life.moment, life.delivered_at) / 24 if life.stage is Stage.DELIVERED else None,
        doubt=doubt + 1.5 * (plan.person.temper - 0.2),
    )


def _largest_drop(plan: Plan, source: str, paid_share: float) -> float:
    order = plan.order
    return max(
        shelf.drop(source, paid_fen=line.unit_price_fen * paid_share, since=order.placed_at, at=plan.life.moment)
        for shelf, line in zip(plan.shelves, order.lines, strict=True)
    )


def _past(at: datetime, due: datetime) -> float:
    return max(0.0, (at - due) / timedelta(hours=1))


def _announced_hours(life: Life) -> float:
    told = life.announced is not None and life.announced[0] <= life.moment and life.stage in MOVING
    return float(life.announced[1]) if told and life.announced else 0.0


def _silent_hours(life: Life) -> float:
    if life.stage not in MOVING:
        return 0.0
    return _past(life.moment, max((scan for scan in life.scans if scan <= life.moment), default=life.shipped_at))


def _way(plan: Plan, *, until: datetime) -> list[Event]:
    """The parcel's own events: where it was read, and a delay that was announced."""
    if plan.life.stage in UNSHIPPED and until < plan.settles_at:
        return []
    order, life = plan.order, plan.life
    stops = (plan.person.place.warehouse, order.address.province, order.address.city, order.address.district)
    events = [
        _event(plan, "fulfilment.scanned", at, number, {"place": stops[min(number, len(stops) - 1)]})
        for number, at in enumerate(life.scans)
    ]
    if life.announced is not None:
        told_at, hours = life.announced
        events.append(_event(plan, "fulfilment.delayed", told_at, 0, {"hours": hours, "cause": "分拨中心积压"}))
    return [event for event in events if event.at <= until]


def _asked_by_phone(plan: Plan, talk: Consultation) -> list[Event]:
    if not talk.by_phone:
        return []
    at = max(plan.order.placed_at, plan.life.moment - timedelta(minutes=10))
    return [_event(plan, "service.asked_cancel", at, 0, {"channel": "phone"})]


def _end(plan: Plan, at: datetime, why: str) -> Event:
    kind = "order.refunded" if plan.life.stage is Stage.DELIVERED else "order.cancelled"
    return _event(plan, kind, at, 0, {"cause": why})


def _event(plan: Plan, kind: str, at: datetime, number: int, data: dict[str, object]) -> Event:
    return Event(
        event_id=f"{plan.order.order_no}-{kind}-{number}",
        kind=kind,
        at=at,
        order_no=plan.order.order_no,
        customer_id=plan.order.customer_id,
        data=data,
    )
