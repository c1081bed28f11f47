"""Handoffs in the shop's own help desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from integrations.memory.conversations import MemoryMessages
from integrations.memory.handoffs import MemoryHandoffs
from integrations.memory.rows import Rows, Undo
from retention.errors import NotFoundError
from retention.handoff import Handoff, HandoffState
from retention.help_desk import Link, Links, LinkState, is_over


class MemoryLinks(Links):
    def __init__(self, undo: Undo, handoffs: MemoryHandoffs, messages: MemoryMessages) -> None:
        self.rows: Rows[str, Link] = Rows(undo)
        self._handoffs = handoffs
        self._messages = messages

    def unlinked(self, *, limit: int = 20) -> Sequence[Handoff]:
        found = [
            one
            for one in self._handoffs.rows.values()
            if one.state is HandoffState.WAITING and one.handoff_id not in self.rows
        ]
        return tuple(sorted(found, key=lambda one: (one.opened_at, one.handoff_id))[:limit])

    def add(self, link: Link) -> bool:
        if link.handoff_id in self.rows:
            return False
        self.rows[link.handoff_id] = link
        return True

    def find(self, handoff_id: str) -> Link | None:
        return self.rows.get(handoff_id)

    def of_external(self, external_id: str) -> Link | None:
        found = [one for one in self.rows.values() if one.external_id == external_id]
        return max(found, key=_age, default=None)

    def due(self, now: datetime, *, limit: int = 20) -> Sequence[Link]:
        found = [one for one in self.rows.values() if self._is_due(one, now)]
        return tuple(sorted(found, key=lambda one: (one.next_at, one.handoff_id))[:limit])

    def claim(self, link: Link, *, now: datetime, until: datetime) -> Link | None:
        found = self.find(link.handoff_id)
        if found is None or found.state is not LinkState.OPEN or found.next_at > now:
            return None
        self.rows[link.handoff_id] = replace(found, next_at=until, attempts=found.attempts + 1)
        return self.rows[link.handoff_id]

    def take(self, handoff_id: str, associate: str) -> Link:
        found = self.find(handoff_id)
        if found is None:
            raise NotFoundError("link", handoff_id)
        self.rows[handoff_id] = replace(found, associate=found.associate or associate)
        return self.rows[handoff_id]

    def put(self, link: Link) -> None:
        found = self.find(link.handoff_id)
        if found is not None:
            self.rows[link.handoff_id] = replace(link, associate=found.associate)

    def listed(self, states: frozenset[LinkState], *, limit: int = 200) -> Sequence[Link]:
        return tuple(sorted([one for one in self.rows.values() if one.state in states], key=_age)[:limit])

    def counts(self) -> Mapping[LinkState, int]:
        return {state: sum(one.state is state for one in self.rows.values()) for state in LinkState}

    def _is_due(self, link: Link, now: datetime) -> bool:
        if link.state is not LinkState.OPEN or link.next_at > now:
            return False
        handoff = self._handoffs.rows[link.handoff_id]
        behind = bool(self._messages.after(link.conversation_id, link.seq, limit=1))
        return not link.noted or behind or is_over(link, handoff)


def _age(link: Link) -> tuple[datetime, str]:
    return link.opened_at, link.handoff_id
