"""What can be imported: how a line is checked, how many are written at once, and how one is found again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from integrations.oms import as_promised
from retention.event import differs
from retention.ports import Records
from service.api.customers import CustomerBody
from service.api.events import EventBody
from service.api.fields import Body
from service.api.orders import OrderBody

TAKEN = "这个编号已经是另一件事的，先到的那件留着；请换一个编号"
"""Why an event is not written whose id names another fact."""

Write = Callable[[Records, Sequence[Any]], Mapping[int, str]]
"""Writes all bodies; returns why it did not write some, by their place."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    body: type[Body]
    key: str
    write: Write
    has: Callable[[Records, str], bool]

    @property
    def columns(self) -> Sequence[str]:
        return list(self.body.model_fields)

    @property
    def needed(self) -> Sequence[str]:
        return [name for name, field in self.body.model_fields.items() if field.is_required()]


def _write_orders(records: Records, rows: Sequence[OrderBody]) -> Mapping[int, str]:
    changes = records.orders.changes_of([row.order_no for row in rows])
    records.orders.put_all([as_promised(row.to_order(), changes.get(row.order_no, ())) for row in rows])
    return {}


def _write_customers(records: Records, rows: Sequence[CustomerBody]) -> Mapping[int, str]:
    known = dict(records.customers.find_all([row.customer_id for row in rows]))
    written = []
    for row in rows:  # the same customer may come twice, and what they refused stays refused
        known[row.customer_id] = row.to_customer(known.get(row.customer_id))
        written.append(known[row.customer_id])
    records.customers.put_all(written)
    return {}


def _write_events(records: Records, rows: Sequence[EventBody]) -> Mapping[int, str]:
    events = [row.to_event() for row in rows]
    if records.events.add(events) == len(events):
        return {}
    known = records.events.find_all([event.event_id for event in events])
    return {place: TAKEN for place, event in enumerate(events) if differs(event, known[event.event_id])}


KINDS: Mapping[str, Kind] = {
    "orders": Kind(
        body=OrderBody,
        key="order_no",
        write=_write_orders,
        has=lambda records, key: records.orders.find(key) is not None,
    ),
    "customers": Kind(
        body=CustomerBody,
        key="customer_id",
        write=_write_customers,
        has=lambda records, key: records.customers.find(key) is not None,
    ),
    "events": Kind(
        body=EventBody,
        key="event_id",
        write=_write_events,
        has=lambda records, key: bool(records.events.find_all([key])),
    ),
}
