"""What the order system has to do, and what the embedded one has done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from integrations.memory.rows import Rows, Undo
from retention.fulfilment import UNSETTLED, WAITING, Fulfilment, FulfilmentState, Remedy, Standing, revived
from retention.money_ports import Fulfilments, RemedyRecords


class MemoryFulfilments(Fulfilments):
    def __init__(self, undo: Undo) -> None:
        self.rows: Rows[str, Fulfilment] = Rows(undo)

    def add(self, fulfilment: Fulfilment) -> None:
        if fulfilment.fulfilment_id not in self.rows:
            self.rows[fulfilment.fulfilment_id] = fulfilment

    def find(self, fulfilment_id: str) -> Fulfilment | None:
        return self.rows.get(fulfilment_id)

    def due(self, now: datetime, *, limit: int = 50) -> Sequence[Fulfilment]:
        return tuple(sorted([one for one in self.rows.values() if _is_due(one, now)], key=_age)[:limit])

    def claim(self, fulfilment_id: str, *, now: datetime, until: datetime) -> Fulfilment | None:
        found = self.find(fulfilment_id)
        if found is None or not _is_due(found, now):
            return None
        self.rows[fulfilment_id] = replace(
            found, state=FulfilmentState.SENT, next_at=until, attempts=found.attempts + 1
        )
        return self.rows[fulfilment_id]

    def settle(self, after: Fulfilment) -> bool:
        found = self.find(after.fulfilment_id)
        if found is None:
            return False
        is_latest = found.state is FulfilmentState.SENT and found.attempts == after.attempts
        if not (found.state in UNSETTLED if after.state is FulfilmentState.DONE else is_latest):
            return False
        self.rows[after.fulfilment_id] = replace(
            found, state=after.state, next_at=after.next_at, error=after.error, answer=after.answer
        )
        return True

    def stop(self, fulfilment_id: str, *, at: datetime) -> bool:
        found = self.find(fulfilment_id)
        if found is None:
            return False
        if found.state in UNSETTLED:
            self.rows[fulfilment_id] = replace(found, state=FulfilmentState.VOID, next_at=at)
        return found.attempts > 0

    def requeue(self, fulfilment_id: str, *, at: datetime) -> bool:
        found = self.find(fulfilment_id)
        if found is None:
            return False
        self.rows[fulfilment_id] = revived(found, at=at)
        return True

    def listed(self, state: FulfilmentState, *, limit: int = 200) -> Sequence[Fulfilment]:
        return tuple(sorted([one for one in self.rows.values() if one.state is state], key=_age)[:limit])

    def counts(self) -> Mapping[FulfilmentState, int]:
        return {state: sum(one.state is state for one in self.rows.values()) for state in FulfilmentState}


class MemoryRemedyRecords(RemedyRecords):
    def __init__(self, undo: Undo) -> None:
        self.rows: Rows[str, Remedy] = Rows(undo)

    def give(self, remedy: Remedy) -> Remedy:
        if remedy.grant_id not in self.rows:
            self.rows[remedy.grant_id] = remedy
        return self.rows[remedy.grant_id]

    def take_back(self, remedy: Remedy) -> Remedy:
        known = self.rows.get(remedy.grant_id)
        if known is None:
            self.rows[remedy.grant_id] = remedy
        elif known.standing is Standing.GIVEN:
            self.rows[remedy.grant_id] = replace(known, standing=Standing.TAKEN_BACK, at=remedy.at)
        return self.rows[remedy.grant_id]

    def find(self, grant_id: str) -> Remedy | None:
        return self.rows.get(grant_id)

    def changed_since(self, since: datetime, *, after: str = "", limit: int = 500) -> Sequence[Remedy]:
        found = [one for one in self.rows.values() if one.at >= since and one.grant_id > after]
        return tuple(sorted(found, key=lambda one: one.grant_id)[:limit])


def _is_due(fulfilment: Fulfilment, now: datetime) -> bool:
    return fulfilment.state in WAITING and fulfilment.next_at <= now


def _age(fulfilment: Fulfilment) -> tuple[datetime, str]:
    return fulfilment.next_at, fulfilment.fulfilment_id
