"""Where subscriptions and what is on its way to them are kept."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime

from retention.notice import Dispatch, DispatchState, Notice, Subscription


class Subscriptions(ABC):
    @abstractmethod
    def find(self, subscription_id: str) -> Subscription | None: ...

    @abstractmethod
    def put(self, subscription: Subscription) -> None:
        """Insert or replace."""

    @abstractmethod
    def listed(self) -> Sequence[Subscription]:
        """Oldest first."""

    @abstractmethod
    def remove(self, subscription_id: str) -> bool:
        """With everything on its way to it; False when there is none."""


class Dispatches(ABC):
    """The outbox of notices, written in the transaction of what they tell."""

    @abstractmethod
    def queue(self, notice: Notice) -> int:
        """One dispatch for each active subscription to its kind; those already there stay. Returns how many are new."""

    @abstractmethod
    def find(self, dispatch_id: str) -> Dispatch | None: ...

    @abstractmethod
    def overdue_for(self, now: datetime) -> Sequence[str]:
        """The subscriptions something is due for."""

    @abstractmethod
    def due(self, subscription_id: str, now: datetime, *, limit: int = 20) -> Sequence[Dispatch]:
        """Waiting, with ``next_at`` reached; oldest notice first."""

    @abstractmethod
    def claim(self, dispatch: Dispatch, *, now: datetime, until: datetime) -> Dispatch | None:
        """Keep others off it ``until`` then and count the attempt; None when another was first."""

    @abstractmethod
    def put(self, dispatch: Dispatch) -> None:
        """Replace state, attempts, time and problem; nothing happens when it is gone."""

    @abstractmethod
    def listed(self, states: frozenset[DispatchState], *, limit: int = 200) -> Sequence[Dispatch]:
        """Oldest notice first."""

    @abstractmethod
    def counts(self) -> Mapping[DispatchState, int]:
        """Of every state."""

    @abstractmethod
    def purge(self, before: datetime) -> int:
        """Forget what was sent before then; returns how many."""
