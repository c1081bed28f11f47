"""Scores as they were given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from integrations.memory.rows import Rows, Undo
from retention.risk_ports import Scorings
from retention.scoring import Scoring


class MemoryScorings(Scorings):
    def __init__(self, undo: Undo) -> None:
        self.rows: Rows[tuple[str, datetime], Scoring] = Rows(undo)

    def add(self, scoring: Scoring) -> bool:
        key = (scoring.order_no, scoring.at)
        if key in self.rows:
            return False
        self.rows[key] = scoring
        return True

    def latest(self, order_no: str) -> Scoring | None:
        own = (one for one in self.rows.values() if one.order_no == order_no)
        return max(own, key=lambda one: one.at, default=None)

    def since(
        self,
        at: datetime,
        *,
        until: datetime | None = None,
        after: tuple[datetime, str] | None = None,
        limit: int = 1000,
    ) -> Sequence[Scoring]:
        found = [
            one
            for one in self.rows.values()
            if one.at >= at and (until is None or one.at < until) and (after is None or (one.at, one.order_no) > after)
        ]
        return tuple(sorted(found, key=lambda one: (one.at, one.order_no))[:limit])

    def purge(self, before: datetime) -> int:
        old = [key for key, one in self.rows.items() if one.at < before]
        for key in old:
            del self.rows[key]
        return len(old)
