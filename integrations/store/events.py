"""Events around orders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Select, bindparam, func, select, union_all
from sqlalchemy.sql.elements import ColumnElement

from integrations.store.rows import Shape
from integrations.store.statements import in_parts, insert_new
from integrations.store.tables import EVENTS
from retention.event import Event
from retention.order import Order
from retention.ports import Events

EVENT = Shape(Event, EVENTS)

_ADD = insert_new(EVENTS)


def _newest(*conditions: ColumnElement[bool]) -> Select[Any]:
    """One arm of the union: each walks its own index backwards and stops at the limit."""
    arm = (
        EVENT.select()
        .where(EVENTS.c.at >= bindparam("since"), *conditions)
        .order_by(EVENTS.c.at.desc(), EVENTS.c.event_id.desc())
        .limit(bindparam("limit"))
    )
    return select(arm.subquery())


_ARMS = union_all(
    _newest(EVENTS.c.order_no == bindparam("order_no")),
    _newest(EVENTS.c.order_no.is_(None), EVENTS.c.customer_id == bindparam("customer_id")),
    _newest(
        EVENTS.c.order_no.is_(None),
        EVENTS.c.customer_id.is_(None),
        EVENTS.c.sku.in_(bindparam("skus", expanding=True)),
    ),
).subquery()
_ABOUT = select(_ARMS).order_by(_ARMS.c.at.desc(), _ARMS.c.event_id.desc()).limit(bindparam("limit"))


def _newest_of_each(key: Column[Any], *conditions: ColumnElement[bool]) -> Select[Any]:
    place = func.row_number().over(partition_by=key, order_by=(EVENTS.c.at.desc(), EVENTS.c.event_id.desc()))
    ranked = (
        EVENT.select()
        .add_columns(place.label("place"))
        .where(EVENTS.c.at >= bindparam("since"), key.in_(bindparam("keys", expanding=True)), *conditions)
    ).subquery()
    return select(*[ranked.c[name] for name in EVENT.names]).where(ranked.c.place <= bindparam("limit"))


_OF_ORDERS = _newest_of_each(EVENTS.c.order_no)
_OF_CUSTOMERS = _newest_of_each(EVENTS.c.customer_id, EVENTS.c.order_no.is_(None))
_OF_GOODS = _newest_of_each(EVENTS.c.sku, EVENTS.c.order_no.is_(None), EVENTS.c.customer_id.is_(None))
_FIND_ALL = EVENT.select().where(EVENTS.c.event_id.in_(bindparam("keys", expanding=True)))


class SqlEvents(Events):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, events: Sequence[Event]) -> int:
        if not events:
            return 0
        return self._connection.execute(_ADD, [EVENT.row(event) for event in events]).rowcount

    def about(self, order: Order, *, since: datetime, limit: int = 500) -> Sequence[Event]:
        """Of events about goods, those of another customer are left out: they say nothing about this order."""
        newest_first = EVENT.all(
            self._connection,
            _ABOUT,
            order_no=order.order_no,
            customer_id=order.customer_id,
            skus=sorted({line.sku for line in order.lines}),
            since=since,
            limit=limit,
        )
        return newest_first[::-1]

    def about_all(
        self, orders: Collection[Order], *, since: datetime, limit: int = 500
    ) -> Mapping[str, Sequence[Event]]:
        skus = {order.order_no: {line.sku for line in order.lines} for order in orders}
        asked = {"since": since, "limit": limit}
        by_order = self._by_key(_OF_ORDERS, "order_no", skus, asked)
        by_customer = self._by_key(_OF_CUSTOMERS, "customer_id", {order.customer_id for order in orders}, asked)
        by_sku = self._by_key(_OF_GOODS, "sku", set().union(*skus.values()), asked)
        return {
            order.order_no: _oldest_first(
                [
                    *by_order[order.order_no],
                    *by_customer[order.customer_id],
                    *(event for sku in skus[order.order_no] for event in by_sku[sku]),
                ],
                limit,
            )
            for order in orders
        }

    def find_all(self, event_ids: Collection[str]) -> Mapping[str, Event]:
        found = [EVENT.all(self._connection, _FIND_ALL, keys=part) for part in in_parts(event_ids)]
        return {event.event_id: event for part in found for event in part}

    def _by_key(
        self, statement: Select[Any], name: str, keys: Collection[str], asked: Mapping[str, object]
    ) -> Mapping[str, list[Event]]:
        found: dict[str, list[Event]] = defaultdict(list)
        for part in in_parts(keys):
            for event in EVENT.all(self._connection, statement, keys=part, **asked):
                found[getattr(event, name)].append(event)
        return found


def _oldest_first(events: list[Event], limit: int) -> Sequence[Event]:
    """The newest of them."""
    return tuple(sorted(events, key=lambda event: (event.at, event.event_id))[-limit:])
