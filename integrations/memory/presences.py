"""Who of the associates is at the desk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from integrations.memory.rows import Rows, Undo
from retention.ports import Presences
from retention.presence import Presence


class MemoryPresences(Presences):
    def __init__(self, undo: Undo) -> None:
        self.rows: Rows[str, Presence] = Rows(undo)

    def find(self, associate: str) -> Presence | None:
        return self.rows.get(associate)

    def lock(self, associate: str) -> Presence | None:
        """The transaction already is the only one."""
        return self.find(associate)

    def put(self, presence: Presence) -> None:
        self.rows[presence.associate] = presence

    def seen_since(self, since: datetime) -> Sequence[Presence]:
        return tuple(self.rows[name] for name in sorted(self.rows) if self.rows[name].seen_at >= since)
