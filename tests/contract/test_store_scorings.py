"""Scores as they were given: written once, read in order, forgotten in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from retention.ports import Store
from retention.scoring import Scoring
from tests.contract.samples import HOUR, NOW, SCORING, race


def a_scoring(number: int, *, minutes: int = 0) -> Scoring:
    return replace(SCORING, order_no=f"A{number}", at=NOW + timedelta(minutes=minutes))


def add(store: Store, *scorings: Scoring) -> None:
    with store.transaction() as records:
        for scoring in scorings:
            assert records.scorings.add(scoring)


def test_a_scoring_comes_back_as_it_was(store: Store) -> None:
    bare = replace(SCORING, order_no="A2", probability=0.0, intercept=False, values={})
    add(store, SCORING, bare)
    with store.transaction() as records:
        assert records.scorings.latest(SCORING.order_no) == SCORING
        assert records.scorings.latest("A2") == bare
        assert records.scorings.latest("no-such") is None


def test_an_order_is_scored_once_at_a_moment_and_the_first_score_stands(store: Store) -> None:
    add(store, SCORING)
    with store.transaction() as records:
        assert not records.scorings.add(replace(SCORING, probability=0.1))
        assert list(records.scorings.since(NOW)) == [SCORING]


def test_of_many_who_write_the_same_scoring_one_does(store: Store) -> None:
    def write() -> bool:
        with store.transaction() as records:
            return records.scorings.add(SCORING)

    assert sum(race([write] * 8)) == 1


def test_the_latest_of_an_order_is_its_own_and_newest(store: Store) -> None:
    older, newer = replace(SCORING, at=NOW - HOUR), replace(SCORING, probability=0.2)
    add(store, newer, older, replace(SCORING, order_no="A2", at=NOW + HOUR))
    with store.transaction() as records:
        assert records.scorings.latest(SCORING.order_no) == newer


def test_pages_hold_every_scoring_once_also_those_of_one_moment(store: Store) -> None:
    made = [a_scoring(number, minutes=number // 3) for number in range(10)]
    add(store, *reversed(made), a_scoring(99, minutes=-1), a_scoring(98, minutes=4))
    until = NOW + timedelta(minutes=4)
    read: list[Scoring] = []
    with store.transaction() as records:
        while page := records.scorings.since(
            NOW, until=until, after=(read[-1].at, read[-1].order_no) if read else None, limit=4
        ):
            read.extend(page)
    assert read == made


def test_since_takes_the_first_moment_and_not_the_last(store: Store) -> None:
    add(store, *(a_scoring(number, minutes=number) for number in range(4)))
    with store.transaction() as records:
        found = records.scorings.since(NOW + timedelta(minutes=1), until=NOW + timedelta(minutes=3))
    assert _orders(found) == ["A1", "A2"]


def test_old_scorings_are_forgotten(store: Store) -> None:
    add(store, *(a_scoring(number, minutes=number) for number in range(4)))
    with store.transaction() as records:
        assert records.scorings.purge(NOW + timedelta(minutes=2)) == 2
        assert _orders(records.scorings.since(NOW - HOUR)) == ["A2", "A3"]


def _orders(scorings: Sequence[Scoring]) -> list[str]:
    return [one.order_no for one in scorings]
