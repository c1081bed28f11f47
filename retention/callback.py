"""A call-back: the shopper leaves a number, an associate calls when the shop can."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5

from retention.audit import AuditEntry
from retention.conversation import Conversation, Expecting, Memory
from retention.ports import Records
from retention.reply import Button, Say
from retention.staffing import Staffing
from retention.task import Task, TaskKind
from retention.wished_time import wished_at
from retention.words import between, masked_contact, soon

TASKS = UUID("9a4a7d34-5f0e-4b0b-8a5e-0f4f3c1f6d52")
CALL_BACK = Button(title="预约回电", text="预约回电")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """``wanted_at`` is when the shopper would like the call, None for what the wish itself says: a time, or as soon as
    possible.
    """

    contact: str
    wish: str
    wanted_at: datetime | None = None


def book(records: Records, staffing: Staffing, conversation: Conversation, wanted: Wanted, now: datetime) -> Task:
    """One open call-back a conversation: asked for again, it takes the new number and time.

    Call it inside the conversation's lock.
    """
    due_at = due(staffing, wanted.wanted_at or wished_at(wanted.wish, now), now)
    standing = records.tasks.open_of(conversation.conversation_id)
    if standing is not None:
        return records.tasks.change(
            standing, replace(standing, contact=wanted.contact, wish=wanted.wish, due_at=due_at)
        )
    task = Task(
        task_id=str(uuid5(TASKS, f"{conversation.conversation_id}/{now.isoformat()}/{wanted.contact}")),
        kind=TaskKind.CALL_BACK,
        conversation_id=conversation.conversation_id,
        customer_id=conversation.customer_id,
        contact=wanted.contact,
        wish=wanted.wish,
        opened_at=now,
        due_at=due_at,
    )
    subject = f"conversation:{conversation.conversation_id}"
    records.audit.add(AuditEntry(at=now, actor="shopper", act="call_back_booked", subject=subject))
    return records.tasks.add(task)


def due(staffing: Staffing, wanted_at: datetime | None, now: datetime) -> datetime:
    """Within the resolution time, counted from when the shopper wants it and somebody is there."""
    start = max(wanted_at or now, now)
    return (staffing.opens_at(start) or start) + staffing.sla.resolution


def begins(staffing: Staffing, task: Task) -> datetime:
    """From when it is time to call."""
    return task.due_at - staffing.sla.resolution


def booked(staffing: Staffing, task: Task, now: datetime) -> Say:
    contact, start = masked_contact(task.contact), begins(staffing, task)
    if start > now:
        return Say(key="call_back_booked_for", values={"contact": contact, "when": between(start, task.due_at, now)})
    return Say(key="call_back_booked", values={"contact": contact, "due": soon(task.due_at, now)})


def offered(memory: Memory) -> Memory:
    """The next number the shopper names is where to call them."""
    return replace(memory, expecting=Expecting.CONTACT, options={CALL_BACK.text: "call_back"}, plan=None)
