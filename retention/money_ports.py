"""Ports of the money: what the order system must still do, what it has done, and the books that prove it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from retention.fulfilment import Act, Fulfilment, FulfilmentState, Remedy, fulfilment_id, fulfilment_of, is_owed
from retention.offer import Budget, Grant, GrantState


class Fulfilments(ABC):
    """The outbox to the order system. ``Ledger.move`` writes it in the transaction that issues or reverses."""

    def follow(self, moved: Grant, *, at: datetime) -> None:
        """Queue what a grant that has just been issued or reversed asks of the order system.

        What was never sent is not sent any more once it is reversed; what may have arrived is taken back.
        """
        if not is_owed(moved):
            return
        if moved.state is GrantState.ISSUED:
            self.add(fulfilment_of(moved, Act.GRANT, at=at))
        elif moved.state is GrantState.REVERSED and self.stop(fulfilment_id(moved.grant_id, Act.GRANT), at=at):
            self.add(fulfilment_of(moved, Act.REVERSE, at=at))

    @abstractmethod
    def add(self, fulfilment: Fulfilment) -> None:
        """Insert; one that is already there stays as it is."""

    @abstractmethod
    def find(self, fulfilment_id: str) -> Fulfilment | None: ...

    @abstractmethod
    def due(self, now: datetime, *, limit: int = 50) -> Sequence[Fulfilment]:
        """Pending or sent, with ``next_at`` reached, longest due first."""

    @abstractmethod
    def claim(self, fulfilment_id: str, *, now: datetime, until: datetime) -> Fulfilment | None:
        """Count an attempt and keep others off it ``until`` then; None when it is not due any more."""

    @abstractmethod
    def settle(self, after: Fulfilment) -> bool:
        """Write how an attempt ended; False when that no longer matters.

        A success is taken whenever it comes, unless the fulfilment is void; a failure only of the latest attempt.
        """

    @abstractmethod
    def stop(self, fulfilment_id: str, *, at: datetime) -> bool:
        """Make it void unless it is done; whether the order system may have heard of it."""

    @abstractmethod
    def requeue(self, fulfilment_id: str, *, at: datetime) -> bool:
        """As ``fulfilment.revived``, whatever its state; False when there is none."""

    @abstractmethod
    def listed(self, state: FulfilmentState, *, limit: int = 200) -> Sequence[Fulfilment]:
        """Longest due first."""

    @abstractmethod
    def counts(self) -> Mapping[FulfilmentState, int]:
        """Of every state."""


class RemedyRecords(ABC):
    """What the embedded order system has given and taken back, one row a grant."""

    @abstractmethod
    def give(self, remedy: Remedy) -> Remedy:
        """Insert; when the grant has one already, given or taken back, returns that and changes nothing."""

    @abstractmethod
    def take_back(self, remedy: Remedy) -> Remedy:
        """Insert as taken back, or turn the one that is given; one taken back before stays as it is."""

    @abstractmethod
    def find(self, grant_id: str) -> Remedy | None: ...

    @abstractmethod
    def changed_since(self, since: datetime, *, after: str = "", limit: int = 500) -> Sequence[Remedy]:
        """By grant id, those after ``after``."""


class Remedies(ABC):
    """The money side of the shop's order system. It is called outside any transaction, and again when in doubt.

    The same ``fulfilment_id`` acts once, whenever and however often it arrives. A grant that was taken back is never given
    afterwards: calls overtake one another. Every call raises RemedyUncertainError when the outcome is not known.
    """

    @abstractmethod
    def fulfil(self, fulfilment_id: str, grant: Grant, *, now: datetime) -> Remedy:
        """Give what the terms say; the remedy as it stands. Raises RemedyRefusedError."""

    @abstractmethod
    def undo(self, fulfilment_id: str, grant: Grant, *, now: datetime) -> Remedy:
        """Take back what was given, also if that has not arrived yet. Raises RemedyRefusedError."""

    @abstractmethod
    def find(self, grant_id: str) -> Remedy | None: ...

    @abstractmethod
    def all(self, since: datetime) -> Iterator[Remedy]:
        """Changed at or after ``since``."""

    @abstractmethod
    def close(self) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Balance:
    """A budget beside the sums of its grants' reserves: of open proposals, of those given."""

    budget: Budget
    proposed_fen: int
    given_fen: int

    @property
    def is_right(self) -> bool:
        return (self.budget.reserved_fen, self.budget.used_fen) == (self.proposed_fen, self.given_fen)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A grant with what is queued about it."""

    grant: Grant
    give: Fulfilment | None
    back: Fulfilment | None


class Books(ABC):
    """The whole ledger, for whoever proves it."""

    @abstractmethod
    def balances(self) -> Sequence[Balance]:
        """Every budget, all of one moment."""

    @abstractmethod
    def correct(self, budget_id: str) -> Balance:
        """Set a budget to the sums of its grants, with the budget locked; the balance as it was. Raises NotFoundError."""

    @abstractmethod
    def entries(self, *, after: str = "", limit: int = 500) -> Sequence[Entry]:
        """By grant id, those after ``after``; each of one moment."""

    @abstractmethod
    def entry(self, grant_id: str) -> Entry | None: ...

    @abstractmethod
    def lock(self, grant_id: str) -> Entry | None:
        """As ``entry``, and nobody moves the grant until this transaction ends."""
