"""Reading the experiment: what offers changed, and what a changed catalog would have been worth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path

from compensation.cohort import One, first_of_each, is_known, mature
from compensation.engine import Engine
from compensation.lift_report import By, LiftReport, report
from compensation.replay import Decision, Evaluation, Refusal, replay
from integrations.wiring import read_rows
from retention.exposure import Exposure, Observation
from retention.ports import Records, Store

PAGE = 1000
BEGINNING = datetime(2000, 1, 1, tzinfo=timezone.utc)


def lift_of(store: Store, *, by: By, since: datetime | None) -> LiftReport:
    return report(observations_of(store, since), by=by, since=since)


def lifts_of(store: Store) -> tuple[LiftReport, ...]:
    """By everything there is to compare by, of one reading of all decisions."""
    observations = tuple(observations_of(store, None))
    return tuple(report(observations, by=by) for by in By)


def evaluate_file(store: Store, file: Path, *, since: datetime | None) -> Evaluation | Refusal:
    """The catalog of a file against the one in force, on what was logged. Raises CatalogError for a bad file."""
    rows = read_rows()
    rounds = rows.interception.offer_rounds
    new, now = Engine.from_file(file, max_rounds=rounds), Engine(rows.catalog, max_rounds=lambda: rounds)
    return replay(_decisions(store, since), new=new.decide, now=now.decide)


def _decisions(store: Store, since: datetime | None) -> Sequence[Decision]:
    """The settled ones whose case is still known: those of erased customers are not."""
    known = [one for one in mature(first_of_each(exposures_of(store, since))) if is_known(one)]
    found: list[Decision] = []
    for start in range(0, len(known), PAGE):
        page = known[start : start + PAGE]
        with store.transaction() as records:
            cases = records.exposures.cases([one.exposure_id for one in page])
        found += [Decision(exposure=one, case=cases[one.exposure_id]) for one in page if one.exposure_id in cases]
    return found


def exposures_of(store: Store, since: datetime | None) -> Iterator[Exposure]:
    begin = since or BEGINNING
    return _paged(store, lambda records, last: records.exposures.since(begin, after=last, limit=PAGE))


def observations_of(store: Store, since: datetime | None) -> Iterator[Observation]:
    begin = since or BEGINNING
    return _paged(store, lambda records, last: records.exposures.observed(begin, after=last, limit=PAGE))


def _paged(store: Store, read: Callable[[Records, tuple[datetime, str] | None], Sequence[One]]) -> Iterator[One]:
    """Page by page, each in a transaction of its own: a report keeps nobody waiting."""
    last: tuple[datetime, str] | None = None
    while True:
        with store.transaction() as records:
            page = read(records, last)
        yield from page
        if len(page) < PAGE:
            return
        last = (page[-1].at, page[-1].exposure_id)
