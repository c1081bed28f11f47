"""What the experiment needs from outside."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime

from retention.case import Case
from retention.exposure import Exposure, Observation, Settlement


class Exposures(ABC):
    """Decisions that would have offered something, each with the case it was made in."""

    @abstractmethod
    def add(self, exposure: Exposure, case: Case) -> bool:
        """False when the id is already there, and then nothing is written."""

    @abstractmethod
    def find(self, exposure_id: str) -> Exposure | None: ...

    @abstractmethod
    def of_order(self, order_no: str) -> Sequence[Exposure]:
        """Oldest first."""

    @abstractmethod
    def since(
        self, at: datetime, *, after: tuple[datetime, str] | None = None, limit: int = 1000
    ) -> Sequence[Exposure]:
        """Made at or after ``at``, by (at, exposure_id); ``after`` is the last one of the page before."""

    @abstractmethod
    def observed(
        self, at: datetime, *, after: tuple[datetime, str] | None = None, limit: int = 1000
    ) -> Sequence[Observation]:
        """As ``since``, at a fraction of its cost: for who counts them all and replays none."""

    @abstractmethod
    def cases(self, exposure_ids: Sequence[str]) -> Mapping[str, Case]:
        """By exposure id; those of erased customers are gone."""

    @abstractmethod
    def due(self, now: datetime, *, limit: int = 200) -> Sequence[Exposure]:
        """Not settled, and ``next_at`` has come; longest waiting first."""

    @abstractmethod
    def postpone(self, exposure_id: str, until: datetime) -> None:
        """Look again then; nothing happens to one that is settled."""

    @abstractmethod
    def settle(self, exposure_id: str, settlement: Settlement) -> bool:
        """Once: False when it was settled before, and then nothing is written."""
