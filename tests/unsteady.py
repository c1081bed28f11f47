"""An order system that keeps its word and fails on the way: before it acts, after it acted, or for good."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from integrations.remedies import EmbeddedRemedies
from retention.errors import RemedyRefusedError, RemedyUncertainError
from retention.fulfilment import Remedy
from retention.money_ports import Remedies
from retention.offer import Grant
from retention.ports import Store


class Unsteady(Remedies):
    """``mishaps`` happen to the next calls: ``before``, ``after``, ``refused``, or a function called in the middle of one."""

    def __init__(self, store: Store) -> None:
        self.mishaps: list[str | Callable[[], object]] = []
        self.is_away = False
        self.calls: list[str] = []
        self._kept = EmbeddedRemedies(store)

    def fulfil(self, fulfilment_id: str, grant: Grant, *, now: datetime) -> Remedy:
        return self._call(fulfilment_id, grant, lambda: self._kept.fulfil(fulfilment_id, grant, now=now))

    def undo(self, fulfilment_id: str, grant: Grant, *, now: datetime) -> Remedy:
        return self._call(fulfilment_id, grant, lambda: self._kept.undo(fulfilment_id, grant, now=now))

    def find(self, grant_id: str) -> Remedy | None:
        return self._kept.find(grant_id)

    def all(self, since: datetime) -> Iterator[Remedy]:
        if self.is_away:
            raise RemedyUncertainError("away")
        return self._kept.all(since)

    def close(self) -> None:
        self._kept.close()

    def _call(self, fulfilment_id: str, grant: Grant, act: Callable[[], Remedy]) -> Remedy:
        self.calls.append(fulfilment_id)
        mishap = self.mishaps.pop(0) if self.mishaps else None
        if mishap == "refused":
            raise RemedyRefusedError(grant.grant_id, "422 order_closed")
        if mishap == "before":
            raise RemedyUncertainError("500")
        if callable(mishap):
            mishap()
        remedy = act()
        if mishap == "after":
            raise RemedyUncertainError("timeout")
        return remedy
