"""The queue of conversations for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from integrations.memory.conversations import MemoryConversations
from integrations.memory.rows import Rows, Undo
from retention.errors import IllegalMoveError, NotFoundError
from retention.handoff import MOVES, OPEN, Handoff, HandoffState
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

    def move(self, handoff_id: str, to: HandoffState, *, at: datetime, associate: str | None = None) -> Handoff:
        handoff = self.find(handoff_id)
        if handoff is None:
            raise NotFoundError("handoff", handoff_id)
        of_another = None not in (associate, handoff.associate) and associate != handoff.associate
        if of_another or to not in MOVES[handoff.state]:
            raise IllegalMoveError("handoff", handoff_id, handoff.state.value, to.value)
        self.rows[handoff_id] = replace(handoff, state=to, updated_at=at, associate=associate or handoff.associate)
        return self.rows[handoff_id]

    def listed(self, states: frozenset[HandoffState], *, limit: int = 200) -> Sequence[Handoff]:
        found = [one for one in self.rows.values() if one.state in states]
        return tuple(sorted(found, key=lambda one: (-one.priority, one.opened_at, one.handoff_id))[:limit])

    def of_conversation(self, conversation_id: str) -> Sequence[Handoff]:
        found = [one for one in self.rows.values() if one.conversation_id == conversation_id]
        return tuple(sorted(found, key=lambda one: (one.opened_at, one.handoff_id), reverse=True))

    def opened_between(self, since: datetime, until: datetime) -> Sequence[Handoff]:
        found = [one for one in self.rows.values() if since <= one.opened_at < until]
        return tuple(sorted(found, key=lambda one: (one.opened_at, one.handoff_id)))
