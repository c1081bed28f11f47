"""What the order system has to do is queued with the move that makes it owed, claimed once, and stopped in time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from retention.fulfilment import Act, Fulfilment, FulfilmentState, done, fulfilment_id, missed, refused
from retention.offer import GrantState
from retention.ports import Store
from tests.contract.samples import GRANT, HOUR, NOW, a_grant, race

GIVE, BACK = fulfilment_id("G1", Act.GRANT), fulfilment_id("G1", Act.REVERSE)
ISSUED, REVERSED = GrantState.ISSUED, GrantState.REVERSED
PENDING, SENT, DONE = FulfilmentState.PENDING, FulfilmentState.SENT, FulfilmentState.DONE
DEAD, VOID = FulfilmentState.DEAD, FulfilmentState.VOID
LEASE = timedelta(seconds=2)


@pytest.fixture(autouse=True)
def proposed(store: Store) -> None:
    with store.transaction() as records:
        records.ledger.set_budget("B1", 1_000_000)
        records.ledger.propose(GRANT)


def move(store: Store, *path: GrantState, grant_id: str = "G1") -> None:
    for to in path:
        with store.transaction() as records:
            records.ledger.move(grant_id, to, at=NOW)


def find(store: Store, fulfilment: str) -> Fulfilment | None:
    with store.transaction() as records:
        return records.fulfilments.find(fulfilment)


def claim(store: Store, fulfilment: str = GIVE) -> Fulfilment | None:
    with store.transaction() as records:
        return records.fulfilments.claim(fulfilment, now=NOW, until=NOW + LEASE)


def settle(store: Store, after: Fulfilment) -> bool:
    with store.transaction() as records:
        return records.fulfilments.settle(after)


def taken(claimed: Fulfilment | None) -> Fulfilment:
    assert claimed is not None
    return claimed


def test_issuing_queues_the_giving_and_a_proposal_queues_nothing(store: Store) -> None:
    assert find(store, GIVE) is None
    move(store, ISSUED)
    queued = Fulfilment(fulfilment_id=GIVE, grant_id="G1", act=Act.GRANT, state=PENDING, next_at=NOW)
    assert find(store, GIVE) == queued
    with store.transaction() as records:
        assert list(records.fulfilments.due(NOW)) == [queued]
        assert list(records.fulfilments.due(NOW - HOUR)) == []


def test_a_grant_that_asks_nothing_of_the_order_system_queues_nothing(store: Store) -> None:
    words = a_grant(2)
    with store.transaction() as records:
        records.ledger.propose(replace(words, offer=replace(words.offer, terms={"expedite": False, "cash_fen": 0})))
    move(store, ISSUED, REVERSED, grant_id="G2")
    with store.transaction() as records:
        assert list(records.fulfilments.due(NOW)) == []


def test_an_issue_that_is_rolled_back_queues_nothing(store: Store) -> None:
    def issue_and_fail() -> None:
        with store.transaction() as records:
            records.ledger.move("G1", ISSUED, at=NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        issue_and_fail()
    assert find(store, GIVE) is None


def test_what_was_never_sent_is_not_sent_after_a_reversal_and_nothing_is_taken_back(store: Store) -> None:
    move(store, ISSUED, REVERSED)
    assert taken(find(store, GIVE)).state is VOID
    assert find(store, BACK) is None
    assert claim(store) is None


@pytest.mark.parametrize("ended", [PENDING, SENT, DEAD, DONE])
def test_what_may_have_arrived_is_taken_back_after_a_reversal(store: Store, ended: FulfilmentState) -> None:
    move(store, ISSUED)
    begun = taken(claim(store))
    after = {
        PENDING: missed(begun, "timeout", at=NOW, chance=0.5),
        DEAD: refused(begun, "no", at=NOW),
        DONE: done(begun, "R-1", at=NOW),
    }.get(ended)
    if after is not None:
        assert settle(store, after)
    move(store, REVERSED)
    assert taken(find(store, GIVE)).state is (DONE if ended is DONE else VOID)
    back = taken(find(store, BACK))
    assert (back.state, back.act, back.attempts, back.next_at) == (PENDING, Act.REVERSE, 0, NOW)


def test_an_answer_that_comes_after_the_reversal_changes_nothing(store: Store) -> None:
    move(store, ISSUED)
    begun = taken(claim(store))
    move(store, REVERSED)
    assert not settle(store, done(begun, "R-1", at=NOW))
    assert not settle(store, missed(begun, "timeout", at=NOW, chance=0.5))
    assert taken(find(store, GIVE)).state is VOID


def test_of_many_who_claim_at_once_one_does_until_its_lease_is_over(store: Store) -> None:
    move(store, ISSUED)
    claimed = [one for one in race([lambda: claim(store)] * 40) if one is not None]
    assert [(one.state, one.attempts, one.next_at) for one in claimed] == [(SENT, 1, NOW + LEASE)]
    with store.transaction() as records:
        assert [one.fulfilment_id for one in records.fulfilments.due(NOW + LEASE)] == [GIVE]
        again = records.fulfilments.claim(GIVE, now=NOW + LEASE, until=NOW + 2 * LEASE)
    assert taken(again).attempts == 2


def test_a_claim_and_a_reversal_at_once_never_lose_what_may_have_arrived(store: Store) -> None:
    for number in range(30):
        grant_id = f"G9{number}"
        with store.transaction() as records:
            records.ledger.propose(a_grant(f"9{number}"))
        move(store, ISSUED, grant_id=grant_id)
        give, back = fulfilment_id(grant_id, Act.GRANT), fulfilment_id(grant_id, Act.REVERSE)
        jobs: list[Callable[[], object]] = [
            partial(claim, store, give),
            partial(move, store, REVERSED, grant_id=grant_id),
        ]
        race(jobs)
        was_claimed = taken(find(store, give)).attempts > 0
        assert (find(store, back) is not None) is was_claimed


def test_a_failure_counts_only_from_the_latest_attempt_a_success_from_any(store: Store) -> None:
    move(store, ISSUED)
    first = taken(claim(store))
    with store.transaction() as records:
        records.fulfilments.claim(GIVE, now=NOW + LEASE, until=NOW + 2 * LEASE)
    assert not settle(store, missed(first, "timeout", at=NOW, chance=0.5))
    assert settle(store, done(first, "R-1", at=NOW))
    found = taken(find(store, GIVE))
    assert (found.state, found.answer, found.attempts) == (DONE, "R-1", 2)
    assert not settle(store, done(first, "R-2", at=NOW))


def test_a_dead_letter_is_not_due_until_somebody_puts_it_back(store: Store) -> None:
    move(store, ISSUED)
    assert settle(store, refused(taken(claim(store)), "order_closed", at=NOW))
    with store.transaction() as records:
        assert list(records.fulfilments.due(NOW + HOUR)) == []
        assert [one.error for one in records.fulfilments.listed(DEAD)] == ["order_closed"]
        assert records.fulfilments.counts()[DEAD] == 1
        assert records.fulfilments.requeue(GIVE, at=NOW)
        assert not records.fulfilments.requeue("G404:grant", at=NOW)
    found = taken(find(store, GIVE))
    assert (found.state, found.attempts, found.error) == (PENDING, 1, "")


def test_a_balance_is_the_budget_beside_its_grants_and_a_correction_makes_them_agree(store: Store) -> None:
    for number, path in enumerate([(), (ISSUED,), (ISSUED, GrantState.FULFILLED), (ISSUED, REVERSED)], start=2):
        with store.transaction() as records:
            records.ledger.propose(a_grant(number, reserve_fen=10**number))
        move(store, *path, grant_id=f"G{number}")
    with store.transaction() as records:
        (balance,) = records.books.balances()
        assert (balance.proposed_fen, balance.given_fen) == (2_000 + 100, 1_000 + 10_000)
        assert balance.is_right
        assert records.books.correct("B1") == balance
        assert list(records.books.balances()) == [balance]


def test_every_grant_is_an_entry_with_what_is_queued_about_it(store: Store) -> None:
    with store.transaction() as records:
        for number in range(2, 6):
            records.ledger.propose(a_grant(number))
    move(store, ISSUED)
    taken(claim(store))
    move(store, REVERSED)
    with store.transaction() as records:
        pages = [
            records.books.entries(limit=3),
            records.books.entries(after="G3", limit=3),
            records.books.entries(after="G5"),
        ]
        assert [[entry.grant.grant_id for entry in page] for page in pages] == [["G1", "G2", "G3"], ["G4", "G5"], []]
        entry = records.books.entry("G1")
        assert entry == pages[0][0]
        assert records.books.lock("G1") == entry
        assert records.books.entry("G404") is None
    assert entry is not None
    assert entry.grant.state is REVERSED
    assert (entry.give, entry.back) == (find(store, GIVE), find(store, BACK))
