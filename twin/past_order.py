"""One past order of the synthetic shop: drawn, lived, talked about, and lost or kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from retention.customer import Customer
from retention.event import Event
from retention.hearing import Hearing, Reason
from retention.order import UNSHIPPED, Order, Stage
from twin.browsing import browse
from twin.consultation import Consultation, consult
from twin.dice import Dice
from twin.handling import came_to_pass, handle
from twin.helpline import call
from twin.plan import Plan
from twin.process import cause, probability
from twin.record import Record
from twin.sequence import Plot, story
from twin.standing import Doings, circumstances, late_hours, outages
from twin.trail import trail


@dataclass(frozen=True, kw_only=True)
class PastOrder:
    """``then`` and ``customer`` are as they stood at ``moment``; ``order`` is as it stands at the history's end.

    ``events`` are the order's own over its whole life, oldest first: some lie after the moment. ``true_probability``
    is what the process drew ``lost`` with; ``plot`` is the planted story it carries, if any.
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
    plot: Plot | None
    lost: bool
    ended_at: datetime
    settles_at: datetime


def past_order(dice: Dice, plan: Plan, customer: Customer, *, now: datetime) -> PastOrder:
    life = plan.life
    record = Record(dice=dice, order_no=plan.order.order_no, customer_id=customer.customer_id, life=life)
    doings = _done(record, plan)
    facts = circumstances(plan, customer, doings)
    talk = consult(dice, facts)
    chance = probability(facts, talk.speech)
    lost = dice.chance(chance)
    ended_at = life.moment + timedelta(hours=dice.between(0.2, 12)) if lost else plan.settles_at
    events = [
        *doings.walked.events,
        *doings.browsed.events,
        *doings.called.events,
        *doings.story.events,
        *came_to_pass(doings.handled, plan, until=min(ended_at, now)),
        *_asked_by_phone(record, talk),
    ]
    if lost:
        events.extend(_end(record, ended_at, cause(facts) or "changed_mind"))
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
        plot=doings.story.plot,
        lost=lost,
        ended_at=ended_at,
        settles_at=plan.settles_at,
    )


def _done(record: Record, plan: Plan) -> Doings:
    doubt, late, missing = record.dice.normal(0, 1), late_hours(plan.life), outages(plan)
    walked = trail(record, plan.person.place, doubt=doubt, late_hours=late)
    return Doings(
        doubt=doubt,
        late_hours=late,
        outages=missing,
        walked=walked,
        browsed=browse(record, plan, walked, doubt=doubt, late_hours=late),
        called=call(record, walked),
        handled=handle(record, plan, missing[0] if missing else None),
        story=story(record, plan.person.place),
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


def _asked_by_phone(record: Record, talk: Consultation) -> list[Event]:
    if not talk.by_phone:
        return []
    at = max(record.life.placed_at, record.life.moment - timedelta(minutes=10))
    return [record.at(at, "service.asked_cancel", 0, {"channel": "phone"})]


def _end(record: Record, at: datetime, why: str) -> list[Event]:
    """Goods that were received come back before their money does."""
    if record.life.stage is not Stage.DELIVERED:
        return [record.at(at, "order.cancelled", 0, {"cause": why})]
    back_at = record.life.moment + (at - record.life.moment) * 0.8
    return [record.at(back_at, "order.returned"), record.at(at, "order.refunded", 0, {"cause": why})]
