"""What stepping in early needs from outside: the queue of orders to look at, and what came of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from datetime import datetime

from retention.outreach import Outreach
from retention.rescoring import Debounce, Rescoring, Subject


class Rescorings(ABC):
    """Orders and goods that are due to be looked at, one row each. ``(kind, subject)`` is unique.

    News is marked in the transaction that keeps it, so there is none that nobody looks at.
    """

    @abstractmethod
    def mark(self, kind: Subject, subjects: Collection[str], *, at: datetime, debounce: Debounce) -> None:
        """There is news: due once it has been quiet. One that is leased stays so, and is due again afterwards."""

    @abstractmethod
    def claim(self, now: datetime, *, until: datetime, limit: int = 200) -> Sequence[Rescoring]:
        """Those that are due, longest first, and keep everybody else from them until then."""

    @abstractmethod
    def advance(self, claimed: Rescoring, cursor: str) -> None:
        """A page of some goods' orders is marked: give it back, due as before."""

    @abstractmethod
    def settle(self, claimed: Rescoring, *, now: datetime, debounce: Debounce, again_at: datetime | None) -> None:
        """Looked at: due again at ``again_at``, or gone. If there was more news meanwhile, due when that is quiet."""

    @abstractmethod
    def find(self, kind: Subject, subject: str) -> Rescoring | None: ...


class Outreaches(ABC):
    """Risk episodes and what became of them."""

    @abstractmethod
    def open(self, outreach: Outreach) -> bool:
        """False when that episode of the order is there already, and then nothing is written."""

    @abstractmethod
    def find(self, outreach_id: str) -> Outreach | None: ...

    @abstractmethod
    def lock(self, outreach_id: str) -> Outreach | None:
        """As ``find``, and no other transaction may lock it until this one ends."""

    @abstractmethod
    def put(self, outreach: Outreach) -> None:
        """Replace the one of that id."""

    @abstractmethod
    def answer(self, outreach_id: str, *, at: datetime) -> bool:
        """The shopper wrote back: once, and only after something was sent."""

    @abstractmethod
    def of_order(self, order_no: str) -> Sequence[Outreach]:
        """Oldest first."""

    @abstractmethod
    def of_customer(self, customer_id: str, *, since: datetime) -> Sequence[Outreach]:
        """Opened at or after ``since``, oldest first."""

    @abstractmethod
    def due(self, now: datetime, *, limit: int = 50) -> Sequence[Outreach]:
        """Waiting, with ``next_at`` reached; longest due first."""

    @abstractmethod
    def since(
        self, at: datetime, *, after: tuple[datetime, str] | None = None, limit: int = 1000
    ) -> Sequence[Outreach]:
        """Opened at or after ``at``, by (opened_at, outreach_id); ``after`` is the last one of the page before."""
