"""The money side of the embedded order system: for a shop that connects none of its own, the records say what was given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from retention.fulfilment import Remedy, Standing
from retention.money_ports import Remedies
from retention.offer import Grant
from retention.ports import Store


class EmbeddedRemedies(Remedies):
    """May be used from many threads. Raises StoreBusyError where the store is busy."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def fulfil(self, fulfilment_id: str, grant: Grant, *, now: datetime) -> Remedy:
        with self._store.transaction() as records:
            return records.remedies.give(_remedy(fulfilment_id, grant, Standing.GIVEN, now))

    def undo(self, fulfilment_id: str, grant: Grant, *, now: datetime) -> Remedy:
        with self._store.transaction() as records:
            return records.remedies.take_back(_remedy(fulfilment_id, grant, Standing.TAKEN_BACK, now))

    def find(self, grant_id: str) -> Remedy | None:
        with self._store.transaction() as records:
            return records.remedies.find(grant_id)

    def all(self, since: datetime) -> Iterator[Remedy]:
        after = ""
        while True:
            with self._store.transaction() as records:
                page = records.remedies.changed_since(since, after=after)
            if not page:
                return
            yield from page
            after = page[-1].grant_id

    def close(self) -> None:
        """The store is not ours to close."""


def _remedy(fulfilment_id: str, grant: Grant, standing: Standing, now: datetime) -> Remedy:
    return Remedy(grant_id=grant.grant_id, standing=standing, reference=fulfilment_id, at=now)
