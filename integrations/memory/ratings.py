"""What shoppers say of the associates who answered them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from integrations.memory.handoffs import MemoryHandoffs
from integrations.memory.rows import Rows, Undo
from retention.console_ports import Ratings
from retention.errors import NotFoundError
from retention.rating import Rating


class MemoryRatings(Ratings):
    def __init__(self, undo: Undo, handoffs: MemoryHandoffs) -> None:
        self.rows: Rows[str, Rating] = Rows(undo)
        self._handoffs = handoffs

    def find(self, handoff_id: str) -> Rating | None:
        return self.rows.get(handoff_id)

    def put(self, rating: Rating) -> None:
        if self._handoffs.find(rating.handoff_id) is None:
            raise NotFoundError("handoff", rating.handoff_id)
        self.rows[rating.handoff_id] = rating

    def of_conversation(self, conversation_id: str) -> Sequence[Rating]:
        found = [one for one in self.rows.values() if one.conversation_id == conversation_id]
        return tuple(sorted(found, key=lambda one: (one.rated_at, one.handoff_id), reverse=True))

    def of_handoffs_opened(self, since: datetime, until: datetime) -> Mapping[str, Rating]:
        opened = [handoff.handoff_id for handoff in self._handoffs.opened_between(since, until)]
        return {handoff_id: self.rows[handoff_id] for handoff_id in opened if handoff_id in self.rows}
