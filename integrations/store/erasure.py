"""Taking a person out of every table."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from secrets import token_hex
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, Table, bindparam, delete, or_, select, update

from integrations import erasure
from integrations.store.conversations import CONVERSATION
from integrations.store.events import EVENT
from integrations.store.handoffs import HANDOFF
from integrations.store.ledger import GRANT
from integrations.store.messages import MESSAGE
from integrations.store.orders import CHANGE, ORDER
from integrations.store.profiles import PROFILE
from integrations.store.ratings import RATING
from integrations.store.rows import Shape
from integrations.store.tables import (
    CONVERSATION_LABELS,
    CONVERSATIONS,
    CORRECTIONS,
    CUSTOMERS,
    EVENTS,
    GRANTS,
    HANDOFFS,
    IDEMPOTENCY,
    MESSAGES,
    NOTES,
    ORDER_CHANGES,
    ORDERS,
    PROFILES,
    RATINGS,
)

T = TypeVar("T")


def erase(connection: Connection, customer_id: str, at: datetime) -> Mapping[str, int]:
    """Rows touched by table. Conversations come first: a turn locks them first too, so neither waits in a circle."""
    talks = _keys(connection, CONVERSATIONS.c.conversation_id, CONVERSATIONS.c.customer_id == customer_id)
    orders = _keys(connection, ORDERS.c.order_no, ORDERS.c.customer_id == customer_id)
    rewrite = partial(_rewrite, connection)
    return {
        "conversations": rewrite(CONVERSATION, erasure.erased_conversation, CONVERSATIONS.c.conversation_id.in_(talks)),
        "messages": rewrite(MESSAGE, erasure.erased_message, MESSAGES.c.conversation_id.in_(talks)),
        "corrections": _remove(connection, CORRECTIONS, CORRECTIONS.c.conversation_id.in_(talks)),
        "notes": _remove(connection, NOTES, NOTES.c.conversation_id.in_(talks)),
        "conversation_labels": _remove(
            connection, CONVERSATION_LABELS, CONVERSATION_LABELS.c.conversation_id.in_(talks)
        ),
        "ratings": rewrite(RATING, erasure.erased_rating, RATINGS.c.conversation_id.in_(talks)),
        "handoffs": rewrite(
            HANDOFF,
            erasure.erased_handoff,
            or_(HANDOFFS.c.customer_id == customer_id, HANDOFFS.c.conversation_id.in_(talks)),
        ),
        "profiles": rewrite(
            PROFILE,
            partial(erasure.erased_profile, at=at),
            or_(PROFILES.c.customer_id == customer_id, PROFILES.c.conversation_id.in_(talks)),
        ),
        "orders": rewrite(ORDER, erasure.erased_order, ORDERS.c.order_no.in_(orders), revision=token_hex(8)),
        "order_changes": rewrite(
            CHANGE,
            erasure.erased_change,
            or_(ORDER_CHANGES.c.order_no.in_(orders), ORDER_CHANGES.c.conversation_id.in_(talks)),
        ),
        "events": rewrite(
            EVENT, erasure.erased_event, or_(EVENTS.c.customer_id == customer_id, EVENTS.c.order_no.in_(orders))
        ),
        "grants": rewrite(GRANT, erasure.erased_grant, GRANTS.c.customer_id == customer_id),
        "idempotency": _forget_answers(connection, [customer_id, *talks, *orders]),
        "customers": _remove(connection, CUSTOMERS, CUSTOMERS.c.customer_id == customer_id),
    }


def _keys(connection: Connection, key: Column[Any], where: ColumnElement[bool]) -> list[str]:
    return list(connection.scalars(select(key).where(where).order_by(key).with_for_update()))


def _rewrite(
    connection: Connection, shape: Shape[T], change: Callable[[T], T], where: ColumnElement[bool], **more: str
) -> int:
    """Replace every row that fits by what ``change`` makes of it; ``more`` sets columns that are no field."""
    values = shape.all(connection, shape.select().where(where).with_for_update())
    key = tuple(column.name for column in shape.table.primary_key)
    names = [name for name in shape.names if name not in key]
    statement = (
        update(shape.table)
        .where(*[shape.table.c[name] == bindparam(f"key_{name}") for name in key])
        .values({name: bindparam(name) for name in names} | more)
    )
    rows = [
        {f"key_{name}" if name in key else name: item for name, item in shape.row(change(value)).items()}
        for value in values
    ]
    if rows:
        connection.execute(statement, rows)
    return len(rows)


def _remove(connection: Connection, table: Table, where: ColumnElement[bool]) -> int:
    return connection.execute(delete(table).where(where)).rowcount


def _forget_answers(connection: Connection, ids: Iterable[str]) -> int:
    """Empty the kept answers that name one of ``ids``; the keys stay, so a late retry still does nothing twice."""
    return sum(
        connection.execute(
            update(IDEMPOTENCY)
            .where(IDEMPOTENCY.c.body.contains(json.dumps(name, ensure_ascii=False), autoescape=True))
            .values(body=erasure.ERASED_ANSWER)
        ).rowcount
        for name in ids
    )
