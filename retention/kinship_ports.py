"""What the guard against abuse and its reports need from outside."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime

from retention.dealing import Dealing, Given
from retention.kin import Tie
from retention.refusal import Refusal, RefusalCount


class Kinship(ABC):
    """What accounts share, sealed. One row for a kind, a digest and a customer."""

    @abstractmethod
    def see(self, ties: Sequence[Tie]) -> None:
        """Insert, or move ``seen_at`` of the one that is there."""

    @abstractmethod
    def around(self, customer_id: str, *, since: datetime, limit: int = 1000) -> Sequence[Tie]:
        """The customer's own ties seen at or after ``since`` and everybody's who shares one; newest first."""

    @abstractmethod
    def purge(self, before: datetime) -> int:
        """Forget the ties last seen before; returns how many."""


class Refusals(ABC):
    @abstractmethod
    def add(self, refusal: Refusal) -> None:
        """Insert; one that is there already stays as it is."""

    @abstractmethod
    def override(self, order_no: str, rules: Sequence[str], *, by: str) -> int:
        """Note on the order's refusals by these rules that an associate gave all the same; returns how many."""

    @abstractmethod
    def counted(self, since: datetime, until: datetime) -> Sequence[RefusalCount]:
        """By rule, most refusals first."""

    @abstractmethod
    def recent(self, since: datetime, until: datetime, *, limit: int = 50) -> Sequence[Refusal]:
        """Newest first."""


class Dealings(ABC):
    """Reads profiles, orders, customers and the ledger together; writes nothing."""

    @abstractmethod
    def about_orders(self, since: datetime, until: datetime) -> Sequence[Dealing]:
        """Conversations that came to speak of an order, ``since`` <= started < ``until``, oldest first."""

    @abstractmethod
    def given(self, since: datetime, until: datetime) -> Sequence[Given]:
        """Grants created in that time, by offer and state; by (offer_id, state)."""
