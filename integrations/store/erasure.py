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
from integrations.store.attachments import ATTACHMENT
from integrations.store.conversations import CONVERSATION
from integrations.store.events import EVENT
from integrations.store.experiment_tables import EXPOSURE_CASES, EXPOSURES
from integrations.store.exposures import EXPOSURE
from integrations.store.handoffs import HANDOFF
from integrations.store.kinship_tables import REFUSALS, TIES
from integrations.store.ledger import GRANT, SqlLedger
from integrations.store.messages import MESSAGE
from integrations.store.notices import DISPATCH
from integrations.store.orders import CHANGE, ORDER
from integrations.store.outreach_tables import OUTREACHES
from integrations.store.outreaches import OUTREACH
from integrations.store.profiles import PROFILE
from integrations.store.ratings import RATING
from integrations.store.refusals import REFUSAL
from integrations.store.rows import Shape
from integrations.store.scoring_tables import SCORINGS
from integrations.store.scorings import SCORING
from integrations.store.tables import (
    ATTACHMENTS,
    CONTACTS,
    CONVERSATION_LABELS,
    CONVERSATIONS,
    CORRECTIONS,
    CUSTOMERS,
    DELIVERIES,
    DISPATCHES,
    EVENTS,
    GRANTS,
    HANDOFFS,
    IDEMPOTENCY,
    IDENTITIES,
    LINKS,
    MESSAGES,
    NOTES,
    ORDER_CHANGES,
    ORDERS,
    OUTBOX,
    PROFILES,
    RATINGS,
    TASKS,
)
from integrations.store.tasks import TASK

T = TypeVar("T")


def erase(connection: Connection, customer_id: str, at: datetime) -> Mapping[str, int]:
    """Rows touched by table. Conversations come first: a turn locks them first too, so neither waits in a circle."""
    talks = _keys(connection, CONVERSATIONS.c.conversation_id, CONVERSATIONS.c.customer_id == customer_id)
    SqlLedger(connection).lock(customer_id)  # nobody gives them anything meanwhile
    orders = _keys(connection, ORDERS.c.order_no, ORDERS.c.customer_id == customer_id)
    rewrite = partial(_rewrite, connection)
    exposed = select(EXPOSURES.c.exposure_id).where(EXPOSURES.c.customer_id == customer_id)
    return {
        "conversations": rewrite(CONVERSATION, erasure.erased_conversation, CONVERSATIONS.c.conversation_id.in_(talks)),
        "messages": rewrite(MESSAGE, erasure.erased_message, MESSAGES.c.conversation_id.in_(talks)),
        "attachments": rewrite(ATTACHMENT, erasure.erased_attachment, ATTACHMENTS.c.conversation_id.in_(talks)),
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
        "tasks": rewrite(
            TASK, erasure.erased_task, or_(TASKS.c.customer_id == customer_id, TASKS.c.conversation_id.in_(talks))
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
        "dispatches": rewrite(DISPATCH, erasure.erased_dispatch, DISPATCHES.c.customer_id == customer_id),
        "links": _remove(connection, LINKS, LINKS.c.conversation_id.in_(talks)),
        "idempotency": _forget_answers(connection, [customer_id, *talks, *orders]),
        "contacts": _remove(connection, CONTACTS, CONTACTS.c.conversation_id.in_(talks)),
        "identities": _remove(connection, IDENTITIES, IDENTITIES.c.customer_id == customer_id),
        "deliveries": _remove(connection, DELIVERIES, DELIVERIES.c.conversation_id.in_(talks)),
        "outbox": _remove(connection, OUTBOX, OUTBOX.c.conversation_id.in_(talks)),
        "exposure_cases": _remove(connection, EXPOSURE_CASES, EXPOSURE_CASES.c.exposure_id.in_(exposed)),
        "exposures": rewrite(EXPOSURE, erasure.erased_exposure, EXPOSURES.c.customer_id == customer_id),
        "customers": _remove(connection, CUSTOMERS, CUSTOMERS.c.customer_id == customer_id),
        "ties": _remove(connection, TIES, TIES.c.customer_id == customer_id),
        "outreaches": rewrite(OUTREACH, erasure.erased_outreach, OUTREACHES.c.customer_id == customer_id),
        "refusals": rewrite(REFUSAL, erasure.erased_refusal, REFUSALS.c.customer_id == customer_id),
        "scorings": rewrite(SCORING, erasure.erased_scoring, SCORINGS.c.order_no.in_(orders)),
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
