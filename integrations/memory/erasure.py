"""Taking a person out of every row."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from integrations import erasure
from integrations.memory.rows import Rows

if TYPE_CHECKING:
    from integrations.memory.store import MemoryRecords

K = TypeVar("K")
V = TypeVar("V")


def erase(records: MemoryRecords, customer_id: str, at: datetime) -> Mapping[str, int]:
    """Rows touched by table."""
    talks = {key for key, one in records.conversations.rows.items() if one.customer_id == customer_id}
    orders = {key for key, one in records.orders.rows.items() if one.customer_id == customer_id}
    messages = [one for talk in talks for one in records.messages.rows.get(talk, ())]
    for message in messages:
        records.messages.update(erasure.erased_message(message))
    return {
        "conversations": _rewrite(
            records.conversations.rows, erasure.erased_conversation, lambda one: one.conversation_id in talks
        ),
        "messages": len(messages),
        "attachments": _rewrite(
            records.attachments.rows, erasure.erased_attachment, lambda one: one.conversation_id in talks
        ),
        "corrections": _remove(records.corrections.rows, lambda one: one.conversation_id in talks),
        "notes": _remove(records.notes.rows, lambda one: one.conversation_id in talks),
        "conversation_labels": _remove(records.labels.rows, lambda conversation_id: conversation_id in talks),
        "ratings": _rewrite(records.ratings.rows, erasure.erased_rating, lambda one: one.conversation_id in talks),
        "handoffs": _rewrite(
            records.handoffs.rows,
            erasure.erased_handoff,
            lambda one: one.customer_id == customer_id or one.conversation_id in talks,
        ),
        "tasks": _rewrite(
            records.tasks.rows,
            erasure.erased_task,
            lambda one: one.customer_id == customer_id or one.conversation_id in talks,
        ),
        "profiles": _rewrite(
            records.profiles.rows,
            partial(erasure.erased_profile, at=at),
            lambda one: one.customer_id == customer_id or one.conversation_id in talks,
        ),
        "orders": _rewrite(records.orders.rows, erasure.erased_order, lambda one: one.order_no in orders),
        "order_changes": _rewrite(
            records.orders.change_rows,
            erasure.erased_change,
            lambda one: one.order_no in orders or one.conversation_id in talks,
        ),
        "events": _rewrite(
            records.events.rows,
            erasure.erased_event,
            lambda one: one.customer_id == customer_id or one.order_no in orders,
        ),
        "grants": _rewrite(records.ledger.rows, erasure.erased_grant, lambda one: one.customer_id == customer_id),
        "dispatches": _rewrite(
            records.dispatches.rows, erasure.erased_dispatch, lambda one: one.customer_id == customer_id
        ),
        "links": _remove(records.links.rows, lambda one: one.conversation_id in talks),
        "idempotency": _rewrite(
            records.idempotency.rows,
            lambda answer: (answer[0], answer[1], erasure.ERASED_ANSWER),
            lambda answer: any(
                json.dumps(name, ensure_ascii=False) in answer[2] for name in (customer_id, *talks, *orders)
            ),
        ),
        "contacts": _remove(records.contacts.rows, lambda one: one.conversation_id in talks),
        "identities": _remove(records.contacts.customer_rows, lambda one: one == customer_id),
        "deliveries": _remove(records.deliveries.rows, lambda one: one.conversation_id in talks),
        "outbox": _remove(records.outbox.rows, lambda one: one.conversation_id in talks),
        "exposure_cases": _remove_keys(
            records.exposures.case_rows,
            [key for key, one in records.exposures.rows.items() if one.customer_id == customer_id],
        ),
        "exposures": _rewrite(
            records.exposures.rows, erasure.erased_exposure, lambda one: one.customer_id == customer_id
        ),
        "customers": _remove(records.customers.rows, lambda one: one.customer_id == customer_id),
        "ties": _remove(records.kinship.rows, lambda one: one.customer_id == customer_id),
        "outreaches": _rewrite(
            records.outreaches.rows, erasure.erased_outreach, lambda one: one.customer_id == customer_id
        ),
        "refusals": _rewrite(records.refusals.rows, erasure.erased_refusal, lambda one: one.customer_id == customer_id),
        "scorings": _rewrite(records.scorings.rows, erasure.erased_scoring, lambda one: one.order_no in orders),
    }


def _rewrite(rows: Rows[K, V], change: Callable[[V], V], fits: Callable[[V], bool]) -> int:
    touched = [(key, value) for key, value in rows.items() if fits(value)]
    for key, value in touched:
        rows[key] = change(value)
    return len(touched)


def _remove(rows: Rows[K, V], fits: Callable[[V], bool]) -> int:
    return _remove_keys(rows, [key for key, value in rows.items() if fits(value)])


def _remove_keys(rows: Rows[K, V], keys: Sequence[K]) -> int:
    gone = [key for key in keys if key in rows]
    for key in gone:
        del rows[key]
    return len(gone)
