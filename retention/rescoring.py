"""Which news makes an order worth another look, and when. Pure; the queue is a port."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from retention.event import Event
from retention.order import Order

FAMILIES = frozenset({"behaviour", "fulfilment", "service", "price", "stock", "payment", "order"})
"""Of events that change how likely an order is to be lost. What else shops report, as size charts, does not."""
LATE_BY = (timedelta(minutes=1), timedelta(hours=24), timedelta(hours=48), timedelta(hours=96))
"""An order that is only late gets worse without any news: it is looked at this long after its promise, too."""


class Subject(str, Enum):
    ORDER = "order"
    GOODS = "goods"  # a SKU: its open orders are marked page by page


@dataclass(frozen=True, kw_only=True)
class Rescoring:
    """Something that is due to be looked at. ``latest_at`` is until when more news may put it off.

    ``marks`` counts the news since it was last settled, 0 while it only waits for its time; ``cursor`` is the last order
    of some goods that is marked already.
    """

    kind: Subject
    subject: str
    due_at: datetime
    latest_at: datetime
    marks: int
    cursor: str = ""
    leased_until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Debounce:
    """An order is looked at once ``quiet`` has passed without news, and after ``most`` in any case."""

    quiet: timedelta
    most: timedelta


@dataclass(frozen=True, kw_only=True)
class Concerned:
    """Whom a batch of events is about."""

    orders: frozenset[str]
    customers: frozenset[str]
    goods: frozenset[str]


def matters(event: Event) -> bool:
    return event.kind.partition(".")[0] in FAMILIES


def concerned(events: Iterable[Event]) -> Concerned:
    """An event is about the order it names, else about its customer's orders, else about its goods'."""
    news = [event for event in events if matters(event)]
    unplaced = [event for event in news if event.order_no is None]
    return Concerned(
        orders=frozenset(event.order_no for event in news if event.order_no is not None),
        customers=frozenset(event.customer_id for event in unplaced if event.customer_id is not None),
        goods=frozenset(event.sku for event in unplaced if event.customer_id is None and event.sku is not None),
    )


def next_look(order: Order, now: datetime) -> datetime | None:
    """When time alone changes what there is to know about an order; None once it cannot."""
    promised = []
    if order.is_open and order.delivered_at is None:
        promised.append(order.promised_delivery_at)
        promised.append(order.promised_ship_at if order.shipped_at is None else None)
    looks = [at + late for at in promised if at is not None for late in LATE_BY]
    return min((at for at in looks if at > now), default=None)
