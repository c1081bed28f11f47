"""What watching the risk score needs from outside."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime

from retention.scoring import Scoring


class Scorings(ABC):
    """Scores as they were given. ``(order_no, at)`` is unique."""

    @abstractmethod
    def add(self, scoring: Scoring) -> bool:
        """False when that order was scored at that very moment already, and then nothing is written."""

    @abstractmethod
    def latest(self, order_no: str) -> Scoring | None: ...

    @abstractmethod
    def since(
        self,
        at: datetime,
        *,
        until: datetime | None = None,
        after: tuple[datetime, str] | None = None,
        limit: int = 1000,
    ) -> Sequence[Scoring]:
        """Made at or after ``at`` and before ``until``, by (at, order_no); ``after`` is the last one of the page before."""

    @abstractmethod
    def purge(self, before: datetime) -> int:
        """Forget those made before; returns how many."""
