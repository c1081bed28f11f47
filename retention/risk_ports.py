"""What learning from the past and watching the score need from outside."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime

from retention.order import Order
from retention.scoring import Scoring
from retention.surroundings import Surroundings


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


class Past(ABC):
    """Reads orders, events, customers and conversations together, many at a time; writes nothing."""

    @abstractmethod
    def span(self) -> tuple[datetime, datetime] | None:
        """When the first and the last order was placed; None without any."""

    @abstractmethod
    def placed(
        self, since: datetime, until: datetime, *, after: tuple[datetime, str] | None = None, limit: int = 500
    ) -> Sequence[Order]:
        """Orders of people who are not erased, ``since`` <= placed < ``until``, by (placed_at, order_no); ``after`` is the
        last one of the page before.
        """

    @abstractmethod
    def around(self, orders: Sequence[Order], *, since: datetime, until: datetime) -> Surroundings:
        """What is stored around them. Events of customers and goods, and turns, are those of that time."""
