"""What the shop knew of an order at a moment that is over, from what it has stored by now.

The store keeps an order, and its customer, as last sent. Going back takes off what came later: times after the moment, the
stage they led to, attributes that may have come with them, orders that had not ended. What cannot be taken off is named here:
an address or a promise that was changed later stands as last sent, and so does the shop's own value score of a customer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from retention.change import ChangeKind, OrderChange, standing
from retention.conversation import Message
from retention.customer import Customer
from retention.event import Event
from retention.hearing import Hearing
from retention.order import Order, Stage
from retention.settlement import went_back_for
from retention.surroundings import LEFT, Surroundings

LEAVING = frozenset({ChangeKind.CANCEL, ChangeKind.REFUND})
UNPAID = frozenset({Stage.PENDING_PAYMENT, Stage.CANCELLED})
RETURN_DAYS = 7
"""The right to return without a reason, where the order has no ``return_days`` of its own."""

KNOWN_AT_ONCE = frozenset(
    {"synthetic", "variant", "variants", "warehouse", "final_sale", "return_days", "shipping_insurance"}
)
KNOWN_ONCE_SHIPPED = frozenset({"carrier", "tracking_no"})
"""Attributes say not when they came. Lists of what was surely there, not of what came later: a key the shop adds tomorrow
may tell how the order ended."""


@dataclass(frozen=True, kw_only=True)
class Course:
    """An order with what was done to it and how others say it ended. ``events`` are of the kinds in ``LEFT``."""

    order: Order
    changes: tuple[OrderChange, ...] = ()
    events: tuple[Event, ...] = ()

    @property
    def is_lost(self) -> bool:
        """Cancelled, or its goods or money went back; an exchange keeps it."""
        back_for = went_back_for(self.order, self.changes, self.events)
        return self.order.stage is Stage.CANCELLED or back_for is ChangeKind.REFUND

    @property
    def left_at(self) -> datetime | None:
        """When it was lost; None also where nobody told."""
        if not self.is_lost:
            return None
        told = [event.at for event in self.events if event.kind in LEFT]
        done = [change.at for change in standing(self.changes) if change.kind in LEAVING]
        return min([*told, *done], default=None)

    @property
    def ended_at(self) -> datetime | None:
        """When the shop's books stopped waiting for it: lost, or closed and the right to return over. None while open."""
        if self.is_lost:
            return self.left_at
        if self.order.stage is not Stage.CLOSED or self.order.delivered_at is None:
            return None
        days = self.order.attributes.get("return_days")
        usual = days if isinstance(days, int) and not isinstance(days, bool) else RETURN_DAYS
        return self.order.delivered_at + timedelta(days=usual)


@dataclass(frozen=True, kw_only=True)
class PastOrder:
    """One order and all that is stored around it, later things included. ``events`` are those that speak of it, oldest
    first; ``others`` the customer's other orders; ``turns`` the customer's heard messages, in order of time.
    """

    course: Course
    customer: Customer
    others: tuple[Course, ...] = ()
    events: tuple[Event, ...] = ()
    turns: tuple[Message, ...] = ()

    @property
    def order(self) -> Order:
        return self.course.order

    def about(self) -> Iterator[Message]:
        """The turns in which the desk decided about this order."""
        own = self.order.order_no
        return (turn for turn in self.turns if turn.decision is not None and turn.decision.order_no == own)


def order_at(course: Course, now: datetime) -> Order:
    """The order as the shop had it then; of a moving parcel nobody knows any more whether it was out for delivery."""
    order = course.order
    paid = _is_paid(order, now)
    shipped, delivered = _is_past(order.shipped_at, now), _is_past(order.delivered_at, now)
    known = KNOWN_AT_ONCE | (KNOWN_ONCE_SHIPPED if shipped or delivered else frozenset())
    return replace(
        order,
        stage=_stage_at(course, now, paid=paid, shipped=shipped, delivered=delivered),
        paid_at=order.paid_at if paid else None,
        promised_ship_at=order.promised_ship_at if paid else None,  # a promise counts from the payment on
        promised_delivery_at=order.promised_delivery_at if paid else None,
        shipped_at=order.shipped_at if shipped else None,
        delivered_at=order.delivered_at if delivered else None,
        attributes={name: value for name, value in order.attributes.items() if name in known},
    )


def _is_paid(order: Order, now: datetime) -> bool:
    """A shop that tells no time of payment had the money when the order was placed, if it got it at all."""
    if order.paid_at is not None:
        return order.paid_at <= now
    return order.stage not in UNPAID or order.shipped_at is not None or order.delivered_at is not None


def _is_past(at: datetime | None, now: datetime) -> bool:
    return at is not None and at <= now


def _stage_at(course: Course, now: datetime, *, paid: bool, shipped: bool, delivered: bool) -> Stage:
    if _is_past(course.ended_at, now):
        return course.order.stage
    if delivered:
        return Stage.DELIVERED
    if shipped:
        return Stage.IN_TRANSIT
    return Stage.PENDING_SHIPMENT if paid else Stage.PENDING_PAYMENT


def customer_at(past: PastOrder, now: datetime) -> Customer:
    """The customer with only those orders counted that had ended by then: what ended later is taken off what is known now.

    Orders that the store has never seen stay counted: they lie before its first.
    """
    customer = past.customer
    later = [one for one in (past.course, *past.others) if one.ended_at is not None and one.ended_at > now]
    lost = [one for one in later if one.is_lost]
    returned = sum(one.order.delivered_at is not None for one in lost)
    kept_fen = sum(one.order.paid_fen for one in later if not one.is_lost)
    return replace(
        customer,
        lifetime_orders=max(0, customer.lifetime_orders - len(later)),
        lifetime_spend_fen=max(0, customer.lifetime_spend_fen - kept_fen),
        cancelled_orders=max(0, customer.cancelled_orders - (len(lost) - returned)),
        returned_orders=max(0, customer.returned_orders - returned),
    )


def events_at(past: PastOrder, now: datetime, *, back: timedelta, limit: int = 500) -> tuple[Event, ...]:
    """Those of the time before, the newest ``limit`` of them, oldest first: as ``Events.about`` tells them."""
    return tuple(event for event in past.events if now - back <= event.at <= now)[-limit:]


def hearings_at(past: PastOrder, now: datetime, *, last: int) -> tuple[Hearing, ...]:
    """What the desk had heard when it decided about the order in a turn of that very moment; nothing at any other moment,
    for then nobody was talking.
    """
    turn = next((turn for turn in past.about() if turn.at == now), None)
    if turn is None:
        return ()
    talk = [each for each in past.turns if each.conversation_id == turn.conversation_id and each.seq <= turn.seq]
    return tuple(each.hearing for each in talk[-(last + 1) :] if each.hearing is not None)


def put_together(orders: Sequence[Order], around: Surroundings) -> Iterator[PastOrder]:
    """Each order with its share of what is around."""
    told = _grouped(around.events)
    changes: dict[str, list[OrderChange]] = {}
    for change in sorted(around.changes, key=lambda change: (change.at, change.change_id)):
        changes.setdefault(change.order_no, []).append(change)
    by_customer: dict[str, list[Course]] = {}
    for order in sorted(around.others, key=lambda order: (order.placed_at, order.order_no)):
        course = Course(
            order=order,
            changes=tuple(changes.get(order.order_no, ())),
            events=tuple(event for event in told.get(("order", order.order_no), ()) if event.kind in LEFT),
        )
        by_customer.setdefault(order.customer_id, []).append(course)
    for order in orders:
        courses = by_customer[order.customer_id]
        own = next(course for course in courses if course.order.order_no == order.order_no)
        about = [*told.get(("order", order.order_no), ()), *told.get(("customer", order.customer_id), ())]
        for sku in {line.sku for line in order.lines}:
            about.extend(told.get(("goods", sku), ()))
        yield PastOrder(
            course=own,
            customer=around.customers.get(order.customer_id) or Customer(customer_id=order.customer_id),
            others=tuple(course for course in courses if course is not own),
            events=tuple(sorted(about, key=lambda event: (event.at, event.event_id))),
            turns=tuple(sorted(around.turns.get(order.customer_id, ()), key=_in_time)),
        )


def _in_time(turn: Message) -> tuple[datetime, str, int]:
    return turn.at, turn.conversation_id, turn.seq


def _grouped(events: Sequence[Event]) -> Mapping[tuple[str, str], Sequence[Event]]:
    """By what an event speaks of: an order; else a customer; else goods. The same as ``Events.about`` tells them apart."""
    found: dict[tuple[str, str], list[Event]] = {}
    for event in {event.event_id: event for event in events}.values():
        if event.order_no is not None:
            found.setdefault(("order", event.order_no), []).append(event)
        elif event.customer_id is not None:
            found.setdefault(("customer", event.customer_id), []).append(event)
        elif event.sku is not None:
            found.setdefault(("goods", event.sku), []).append(event)
    return found
