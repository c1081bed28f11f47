"""The queue of conversations for people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from integrations.memory.conversations import MemoryConversations
from integrations.memory.rows import Rows, Undo
from retention.errors import NotFoundError
from retention.handoff import MOVED_BY, OPEN, Handoff, HandoffState
from retention.ports import Handoffs


class MemoryHandoffs(Handoffs):
    def __init__(self, undo: Undo, conversations: MemoryConversations) -> None:
        self.rows: Rows[str, Handoff] = Rows(undo)
        self._conversations = conversations

    def find(self, handoff_id: str) -> Handoff | None:
        return self.rows.get(handoff_id)

    def open_of(self, conversation_id: str) -> Handoff | None:
        of_conversation = (one for one in self.rows.values() if one.conversation_id == conversation_id)
        return next((one for one in of_conversation if one.state in OPEN), None)

    def open(self, handoff: Handoff) -> Handoff:
        if self._conversations.find(handoff.conversation_id) is None:
            raise NotFoundError("conversation", handoff.conversation_id)
        if (earlier := self.open_of(handoff.conversation_id)) is not None:
            return earlier
        self.rows[handoff.handoff_id] = handoff
        return handoff

    def change(self, before: Handoff, after: Handoff) -> Handoff:
        found = self.find(before.handoff_id)
        if found is None:
            raise NotFoundError("handoff", before.handoff_id)
        if _move(found) != _move(before):
            raise found.refusal(after.state.value)
        self.rows[after.handoff_id] = after
        return after

    def listed(self, states: frozenset[HandoffState], *, limit: int = 200) -> Sequence[Handoff]:
        found = [one for one in self.rows.values() if one.state in states]
        return tuple(sorted(found, key=lambda one: (-one.priority, one.opened_at, one.handoff_id))[:limit])

    def of_conversation(self, conversation_id: str) -> Sequence[Handoff]:
        found = [one for one in self.rows.values() if one.conversation_id == conversation_id]
        return tuple(sorted(found, key=lambda one: (one.opened_at, one.handoff_id), reverse=True))

    def held_by(self, associate: str) -> Sequence[Handoff]:
        found = [one for one in self.rows.values() if one.associate == associate and one.state is HandoffState.CLAIMED]
        return tuple(sorted(found, key=_claim))

    def claimed_since(self, since: datetime, *, limit: int = 50) -> Sequence[Handoff]:
        found = [one for one in self.rows.values() if one.claimed_at is not None and one.claimed_at >= since]
        return tuple(sorted(found, key=_claim, reverse=True)[:limit])

    def opened_between(self, since: datetime, until: datetime) -> Sequence[Handoff]:
        found = [one for one in self.rows.values() if since <= one.opened_at < until]
        return tuple(sorted(found, key=lambda one: (one.opened_at, one.handoff_id)))


def _move(handoff: Handoff) -> tuple[object, ...]:
    """What tells whether it has moved."""
    return tuple(getattr(handoff, name) for name in MOVED_BY)


def _claim(handoff: Handoff) -> tuple[datetime, str]:
    assert handoff.claimed_at is not None, "who holds it has claimed it"
    return handoff.claimed_at, handoff.handoff_id
