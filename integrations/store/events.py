"""Events around orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select, union_all
from sqlalchemy.sql.elements import ColumnElement

from integrations.store.rows import Shape
from integrations.store.statements import insert_new
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
