"""Decisions of the experiment: written once, settled once, read in order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from retention.exposure import Exposure, Observation, Settlement, settled
from retention.ports import Store
from retention.profile import Outcome
from tests.contract.conftest import Backend
from tests.contract.samples import CASE, EXPOSURE, HOUR, NOW, race

KEPT = Settlement(outcome=Outcome.RETAINED, kept_fen=11_100, spent_fen=1_600, at=NOW + 400 * HOUR)


def an_exposure(number: int, *, minutes: int = 0) -> Exposure:
    at = NOW + timedelta(minutes=minutes)
    return replace(EXPOSURE, exposure_id=f"E{number}", order_no=f"A{number}", at=at, next_at=at + 24 * HOUR)


def add(store: Store, *exposures: Exposure) -> None:
    with store.transaction() as records:
        for exposure in exposures:
            assert records.exposures.add(exposure, CASE)


def test_an_exposure_comes_back_as_it_was_with_the_case_it_was_made_in(store: Store) -> None:
    add(store, EXPOSURE)
    with store.transaction() as records:
        assert records.exposures.find(EXPOSURE.exposure_id) == EXPOSURE
        assert records.exposures.cases([EXPOSURE.exposure_id, "no-such"]) == {EXPOSURE.exposure_id: CASE}
        assert records.exposures.find("no-such") is None


def test_the_same_decision_is_written_once_and_the_first_one_stands(store: Store) -> None:
    add(store, EXPOSURE)
    with store.transaction() as records:
        assert not records.exposures.add(replace(EXPOSURE, variant="spring"), CASE)
        assert records.exposures.find(EXPOSURE.exposure_id) == EXPOSURE


def test_those_of_an_order_come_oldest_first(store: Store) -> None:
    first, second = an_exposure(1), replace(an_exposure(2, minutes=5), order_no="A1")
    add(store, second, first, an_exposure(3))
    with store.transaction() as records:
        assert list(records.exposures.of_order("A1")) == [first, second]


def test_pages_hold_every_exposure_once_also_those_of_one_moment(store: Store) -> None:
    made = [an_exposure(number, minutes=number // 3) for number in range(10)]
    add(store, *reversed(made), an_exposure(99, minutes=-1))
    read: list[Exposure] = []
    with store.transaction() as records:
        while page := records.exposures.since(
            NOW, after=(read[-1].at, read[-1].exposure_id) if read else None, limit=4
        ):
            read.extend(page)
    assert read == made


def test_observations_are_the_same_rows_in_the_same_order(store: Store) -> None:
    made = [an_exposure(number, minutes=number // 3) for number in range(10)]
    add(store, *reversed(made), an_exposure(99, minutes=-1))
    read: list[Observation] = []
    with store.transaction() as records:
        records.exposures.settle("E4", KEPT)
        while page := records.exposures.observed(
            NOW, after=(read[-1].at, read[-1].exposure_id) if read else None, limit=4
        ):
            read.extend(page)
        known = list(records.exposures.since(NOW))
    assert [vars(one) for one in read] == [{name: vars(one)[name] for name in vars(read[0])} for one in known]
    assert (read[4].outcome, read[4].kept_fen, len(read)) == (Outcome.RETAINED, KEPT.kept_fen, 10)


def test_due_are_those_whose_time_has_come_longest_waiting_first(store: Store) -> None:
    later, sooner, settled_one = an_exposure(1, minutes=9), an_exposure(2), an_exposure(3)
    add(store, later, sooner, settled_one, an_exposure(4, minutes=600))
    with store.transaction() as records:
        records.exposures.settle("E3", KEPT)
        assert list(records.exposures.due(NOW + 25 * HOUR)) == [sooner, later]
        assert list(records.exposures.due(NOW + 25 * HOUR, limit=1)) == [sooner]
        assert list(records.exposures.due(NOW)) == []


def test_one_that_is_put_off_is_due_again_then(store: Store) -> None:
    add(store, EXPOSURE)
    with store.transaction() as records:
        records.exposures.postpone(EXPOSURE.exposure_id, NOW + 48 * HOUR)
        assert list(records.exposures.due(NOW + 47 * HOUR)) == []
        assert list(records.exposures.due(NOW + 48 * HOUR)) == [replace(EXPOSURE, next_at=NOW + 48 * HOUR)]


def test_an_exposure_is_settled_once_and_never_again(store: Store) -> None:
    add(store, EXPOSURE)
    lost = replace(KEPT, outcome=Outcome.LOST, kept_fen=0)
    with store.transaction() as records:
        assert records.exposures.settle(EXPOSURE.exposure_id, KEPT)
        assert not records.exposures.settle(EXPOSURE.exposure_id, lost)
        records.exposures.postpone(EXPOSURE.exposure_id, NOW)
        assert records.exposures.find(EXPOSURE.exposure_id) == settled(EXPOSURE, KEPT)
        assert not records.exposures.settle("no-such", KEPT)


def test_of_many_who_settle_it_at_once_one_does(backend: Backend) -> None:
    if backend.kind == "memory":
        pytest.skip("one transaction at a time")
    add(backend.store, EXPOSURE)

    def settle_it() -> bool:
        with backend.store.transaction() as records:
            return records.exposures.settle(EXPOSURE.exposure_id, KEPT)

    assert sorted(race([settle_it] * 8)) == [False] * 7 + [True]


def test_what_is_rolled_back_was_never_written(store: Store) -> None:
    with pytest.raises(RuntimeError):
        _add_and_fail(store)
    with store.transaction() as records:
        assert records.exposures.find(EXPOSURE.exposure_id) is None
        assert records.exposures.cases([EXPOSURE.exposure_id]) == {}


def _add_and_fail(store: Store) -> None:
    with store.transaction() as records:
        records.exposures.add(EXPOSURE, CASE)
        raise RuntimeError
