"""Decisions that would have offered something, and the cases they were made in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime

from integrations.memory.rows import Rows, Undo
from retention.case import Case
from retention.experiment_ports import Exposures
from retention.exposure import Exposure, Observation, Settlement, settled

OBSERVED = tuple(field.name for field in fields(Observation))


class MemoryExposures(Exposures):
    def __init__(self, undo: Undo) -> None:
        self.rows: Rows[str, Exposure] = Rows(undo)
        self.case_rows: Rows[str, Case] = Rows(undo)

    def add(self, exposure: Exposure, case: Case) -> bool:
        if exposure.exposure_id in self.rows:
            return False
        self.rows[exposure.exposure_id] = exposure
        self.case_rows[exposure.exposure_id] = case
        return True

    def find(self, exposure_id: str) -> Exposure | None:
        return self.rows.get(exposure_id)

    def of_order(self, order_no: str) -> Sequence[Exposure]:
        return _in_order(one for one in self.rows.values() if one.order_no == order_no)

    def since(
        self, at: datetime, *, after: tuple[datetime, str] | None = None, limit: int = 1000
    ) -> Sequence[Exposure]:
        found = _in_order(one for one in self.rows.values() if one.at >= at)
        return tuple(one for one in found if after is None or (one.at, one.exposure_id) > after)[:limit]

    def observed(
        self, at: datetime, *, after: tuple[datetime, str] | None = None, limit: int = 1000
    ) -> Sequence[Observation]:
        found = self.since(at, after=after, limit=limit)
        return tuple(Observation(**{name: getattr(one, name) for name in OBSERVED}) for one in found)

    def cases(self, exposure_ids: Sequence[str]) -> Mapping[str, Case]:
        return {each: self.case_rows[each] for each in exposure_ids if each in self.case_rows}

    def due(self, now: datetime, *, limit: int = 200) -> Sequence[Exposure]:
        found = [one for one in self.rows.values() if one.settled_at is None and one.next_at <= now]
        return tuple(sorted(found, key=lambda one: (one.next_at, one.exposure_id))[:limit])

    def postpone(self, exposure_id: str, until: datetime) -> None:
        exposure = self.find(exposure_id)
        if exposure is not None and exposure.settled_at is None:
            self.rows[exposure_id] = replace(exposure, next_at=until)

    def settle(self, exposure_id: str, settlement: Settlement) -> bool:
        exposure = self.find(exposure_id)
        if exposure is None or exposure.settled_at is not None:
            return False
        self.rows[exposure_id] = settled(exposure, settlement)
        return True


def _in_order(exposures: Iterable[Exposure]) -> Sequence[Exposure]:
    return tuple(sorted(exposures, key=lambda one: (one.at, one.exposure_id)))
