"""The queue of what is due to be looked at: nothing is lost, nothing is looked at by two, news puts off but not for ever."""

from __future__ import annotations

from datetime import datetime, timedelta

import hypothesis.strategies as st
from hypothesis import given

from integrations.memory.store import MemoryStore
from retention.ports import Store
from retention.rescoring import Debounce, Rescoring, Subject
from tests.contract.conftest import Backend
from tests.contract.samples import HOUR, NOW, race

DEBOUNCE = Debounce(quiet=timedelta(seconds=30), most=timedelta(minutes=5))
SECOND = timedelta(seconds=1)


def mark(store: Store, *orders: str, at: datetime = NOW, kind: Subject = Subject.ORDER) -> None:
    with store.transaction() as records:
        records.rescorings.mark(kind, orders, at=at, debounce=DEBOUNCE)


def claim(store: Store, at: datetime, limit: int = 200) -> list[Rescoring]:
    with store.transaction() as records:
        return list(records.rescorings.claim(at, until=at + 60 * SECOND, limit=limit))


def settle(store: Store, claimed: Rescoring, at: datetime, again_at: datetime | None = None) -> None:
    with store.transaction() as records:
        records.rescorings.settle(claimed, now=at, debounce=DEBOUNCE, again_at=again_at)


def names(claimed: list[Rescoring]) -> list[str]:
    return [one.subject for one in claimed]


def test_what_is_marked_is_due_once_it_has_been_quiet(store: Store) -> None:
    mark(store, "A2", "A1", "A2")
    assert claim(store, NOW + 29 * SECOND) == []
    assert names(claim(store, NOW + 30 * SECOND)) == ["A1", "A2"]


def test_news_puts_it_off_but_never_past_the_most(store: Store) -> None:
    for seconds in range(0, 400, 20):
        mark(store, "A1", at=NOW + seconds * SECOND)
    assert claim(store, NOW + 299 * SECOND) == []
    assert names(claim(store, NOW + 300 * SECOND)) == ["A1"]


def test_a_claimed_one_is_nobody_elses_until_the_lease_is_over(store: Store) -> None:
    mark(store, "A1")
    [claimed] = claim(store, NOW + HOUR)
    assert claimed.leased_until == NOW + HOUR + 60 * SECOND
    assert claim(store, NOW + HOUR + 59 * SECOND) == []
    assert names(claim(store, NOW + HOUR + 60 * SECOND)) == ["A1"]


def test_a_settled_one_is_gone_or_sleeps_until_its_time(store: Store) -> None:
    mark(store, "A1", "A2")
    first, second = claim(store, NOW + HOUR)
    settle(store, first, NOW + HOUR)
    settle(store, second, NOW + HOUR, again_at=NOW + 9 * HOUR)
    assert claim(store, NOW + 8 * HOUR) == []
    assert names(claim(store, NOW + 9 * HOUR)) == ["A2"]
    with store.transaction() as records:
        assert records.rescorings.find(Subject.ORDER, "A1") is None


def test_news_wakes_one_that_sleeps_and_is_debounced_from_there(store: Store) -> None:
    mark(store, "A1")
    settle(store, claim(store, NOW + HOUR)[0], NOW + HOUR, again_at=NOW + 9 * HOUR)
    for seconds in range(0, 400, 20):
        mark(store, "A1", at=NOW + 2 * HOUR + seconds * SECOND)
    assert claim(store, NOW + 2 * HOUR + 299 * SECOND) == []
    assert names(claim(store, NOW + 2 * HOUR + 300 * SECOND)) == ["A1"]


def test_news_while_it_is_looked_at_is_looked_at_afterwards(store: Store) -> None:
    mark(store, "A1")
    [claimed] = claim(store, NOW + 30 * SECOND)
    mark(store, "A1", at=NOW + 31 * SECOND)
    settle(store, claimed, NOW + 32 * SECOND, again_at=NOW + 9 * HOUR)
    assert claim(store, NOW + 60 * SECOND) == []
    assert names(claim(store, NOW + 61 * SECOND)) == ["A1"]


def test_goods_go_on_after_the_page_that_is_done(store: Store) -> None:
    mark(store, "S1", kind=Subject.GOODS)
    [claimed] = claim(store, NOW + HOUR)
    with store.transaction() as records:
        records.rescorings.advance(claimed, "A500")
    [again] = claim(store, NOW + HOUR)
    assert (again.kind, again.subject, again.cursor) == (Subject.GOODS, "S1", "A500")
    mark(store, "S1", kind=Subject.GOODS, at=NOW + HOUR)
    settle(store, again, NOW + HOUR)
    [anew] = claim(store, NOW + 2 * HOUR)
    assert anew.cursor == ""


def test_an_order_and_goods_of_the_same_name_are_two(store: Store) -> None:
    mark(store, "X")
    mark(store, "X", kind=Subject.GOODS)
    assert {one.kind for one in claim(store, NOW + HOUR)} == {Subject.ORDER, Subject.GOODS}


def test_the_longest_due_come_first_and_no_more_than_asked_for(store: Store) -> None:
    for number in range(5):
        mark(store, f"A{number}", at=NOW - number * SECOND)
    assert names(claim(store, NOW + HOUR, limit=2)) == ["A4", "A3"]
    assert names(claim(store, NOW + HOUR)) == ["A2", "A1", "A0"]


def test_of_many_who_claim_at_once_each_gets_others(backend: Backend) -> None:
    mark(backend.store, *[f"A{number}" for number in range(40)])
    claimed = race([lambda: claim(backend.store, NOW + HOUR, limit=5)] * 8)
    found = [name for one in claimed for name in names(one)]
    assert len(found) == len(set(found))
    left = names(claim(backend.store, NOW + HOUR))
    assert sorted([*found, *left]) == sorted(f"A{number}" for number in range(40))


def test_marks_of_many_at_once_leave_one_row_that_is_due(backend: Backend) -> None:
    race([lambda: mark(backend.store, "A2", "A1", "A3")] * 8)
    assert names(claim(backend.store, NOW + HOUR)) == ["A1", "A2", "A3"]


@given(steps=st.lists(st.integers(min_value=1, max_value=120), min_size=1, max_size=40))
def test_no_news_is_ever_older_than_the_most_when_it_is_looked_at(steps: list[int]) -> None:
    store, at = MemoryStore(), NOW
    oldest: datetime | None = None
    for step in steps:
        at += step * SECOND
        if claimed := claim(store, at):
            assert oldest is not None
            assert claimed[0].due_at <= oldest + DEBOUNCE.most
            settle(store, claimed[0], at)
            oldest = None
        mark(store, "A1", at=at)
        oldest = oldest or at
    assert names(claim(store, at + DEBOUNCE.most)) == ["A1"]
