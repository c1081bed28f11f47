"""Carrying a move of a handoff out: handoff, conversation, transcript and audit in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from retention.assignment import associate_of
from retention.audit import AuditEntry
from retention.callback import CALL_BACK, due, offered
from retention.conversation import Author, Conversation, Message, Status
from retention.errors import NotFoundError
from retention.handoff import Handoff, HandoffState
from retention.ports import Clock, Records, Store
from retention.reply import Say, Wording
from retention.staffing import Staffing
from retention.telling import tell_handoff
from retention.words import soon, without_numbers

STATUS = {
    HandoffState.WAITING: Status.WAITING,
    HandoffState.CLAIMED: Status.HUMAN,
    HandoffState.RESOLVED: Status.CLOSED,
    HandoffState.RETURNED: Status.BOT,
    HandoffState.CANCELLED: Status.BOT,
    HandoffState.EXPIRED: Status.BOT,
}
"""Who owns the conversation in each state."""


@dataclass(frozen=True, kw_only=True)
class Moved:
    """``act`` is what happened, in the past tense; ``announced`` the line both sides see."""

    act: str
    handoff: Handoff
    conversation: Conversation
    announced: Message


@dataclass(frozen=True, kw_only=True)
class Move:
    """``why`` is for the audit; its ``data`` names associates, never shoppers."""

    act: str
    after: Handoff
    actor: str
    key: str
    why: str = ""
    data: dict[str, object] | None = None


Decide = Callable[[Records, Handoff, datetime], "Move | None"]


class Mover:
    def __init__(self, *, store: Store, wording: Wording, clock: Clock, staffing: Staffing) -> None:
        self._store = store
        self._wording = wording
        self._clock = clock
        self._staffing = staffing

    def move(self, handoff_id: str, decide: Decide) -> Moved | None:
        """None when ``decide`` finds nothing to do. Raises NotFoundError, and what ``decide`` raises."""
        with self._store.transaction() as records:
            handoff, conversation = locked(records, handoff_id)
            now = self._clock()
            move = decide(records, handoff, now)
            if move is None:
                return None
            after = records.handoffs.change(handoff, move.after)
            owned = replace(conversation, status=STATUS[after.state], updated_at=now)
            if after.state is HandoffState.EXPIRED:
                owned = replace(owned, memory=offered(owned.memory))
            records.conversations.put(owned)
            announced = self._announced(records, handoff, move, now)
            records.audit.add(
                AuditEntry(
                    at=now,
                    actor=move.actor,
                    act=f"handoff_{move.act}",
                    subject=f"conversation:{after.conversation_id}",
                    why=move.why or after.reason,
                    data=move.data or {},
                )
            )
            tell_handoff(records, after, at=now)
            return Moved(act=move.act, handoff=after, conversation=owned, announced=announced)

    def _announced(self, records: Records, before: Handoff, move: Move, now: datetime) -> Message:
        """A line in the transcript that both sides see."""
        values = {
            "associate": self._display(records, move.after.associate),
            "from": self._display(records, before.associate),
            "due": soon(due(self._staffing, None, now), now),
        }
        buttons = (CALL_BACK,) if move.after.state is HandoffState.EXPIRED else ()
        spoken = Say(key=move.key, values=values, buttons=buttons)
        bubble = self._wording.render(spoken, soothing=False, turn=before.handoff_id)
        number = 1
        while True:  # a handoff is claimed and released more than once
            message = Message(
                conversation_id=before.conversation_id,
                message_id=f"{before.handoff_id}:{move.act}:{number}",
                author=Author.SYSTEM,
                at=now,
                text=bubble.text,
                bubble=bubble,
            )
            added = records.messages.add(message)
            if added is not None:
                return added
            number += 1

    def _display(self, records: Records, name: str | None) -> str:
        return associate_of(records, self._staffing, name).display if name else ""

    def noted(self, records: Records, handoff: Handoff, associate: str, note: str) -> Handoff:
        """The note stands first in the summary: the next associate reads that anyway."""
        if not note:
            return handoff
        line = f"交接说明（{self._display(records, associate)}）：{without_numbers(note)}"
        return replace(handoff, summary=f"{line}\n{handoff.summary}")


def locked(records: Records, handoff_id: str) -> tuple[Handoff, Conversation]:
    """The desk locks the conversation before it opens a handoff; the same order here, or the two could deadlock."""
    known = records.handoffs.find(handoff_id)
    if known is None:
        raise NotFoundError("handoff", handoff_id)
    conversation = records.conversations.lock(known.conversation_id)
    handoff = records.handoffs.find(handoff_id)  # as it is inside the lock
    assert conversation is not None and handoff is not None, "a handoff belongs to a conversation"  # noqa: PT018
    return handoff, conversation
