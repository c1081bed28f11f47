"""From an issued grant to its fulfilment, whatever goes wrong on the way; and the audit that proves it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.memory.store import MemoryStore
from retention.auditing import Auditor
from retention.bookkeeping import Difference, Mend
from retention.fulfiller import Fulfiller
from retention.fulfilment import (
    LONGEST_WAIT,
    MOST_ATTEMPTS,
    Act,
    Fulfilment,
    FulfilmentState,
    Remedy,
    Standing,
    fulfilment_id,
    fulfilment_of,
)
from retention.granting import reverse
from retention.offer import GIVEN, Grant, GrantState
from retention.ports import Records, Store
from tests.contract.samples import GRANT, HOUR, NOW, a_grant, race
from tests.unsteady import Unsteady

GIVE, BACK = fulfilment_id("G1", Act.GRANT), fulfilment_id("G1", Act.REVERSE)
STRANGER = Remedy(grant_id="G404", standing=Standing.GIVEN, reference="OMS-9", at=NOW)


class Books:
    """A shop's money, and a clock that goes on when it is told to."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.now = NOW
        self.remedies = Unsteady(store)
        parts = {"store": store, "remedies": self.remedies, "clock": self.clock}
        self.fulfiller = Fulfiller(**parts, chance=lambda: 0.5)  # type: ignore[arg-type]
        self.auditor = Auditor(**parts)  # type: ignore[arg-type]

    def clock(self) -> datetime:
        return self.now

    def issue(self, *numbers: int | str) -> None:
        for number in numbers:
            with self.store.transaction() as records:
                records.ledger.propose(a_grant(number))
                records.ledger.move(f"G{number}", GrantState.ISSUED, at=self.now)

    def reverse(self, grant_id: str = "G1") -> None:
        with self.store.transaction() as records:
            reverse(records, grant_id, at=self.now, actor="bot", why="取消")

    def round(self) -> list[Fulfilment]:
        after = [self.fulfiller.attempt(due) for due in self.fulfiller.due()]
        return [one for one in after if one is not None]

    def work_off(self) -> None:
        """Until nothing waits, however long that takes."""
        while self.waiting():
            self.round()
            self.now += LONGEST_WAIT * 2

    def waiting(self) -> int:
        with self.store.transaction() as records:
            counts = records.fulfilments.counts()
        return counts[FulfilmentState.PENDING] + counts[FulfilmentState.SENT]

    def grant(self, grant_id: str = "G1") -> Grant:
        with self.store.transaction() as records:
            found = records.ledger.find(grant_id)
        assert found is not None
        return found

    def acts(self, subject: str = "grant:G1") -> list[str]:
        with self.store.transaction() as records:
            return [entry.act for entry in records.audit.about(subject)]

    def is_paid(self, grant_id: str = "G1") -> bool:
        remedy = self.remedies.find(grant_id)
        return remedy is not None and remedy.standing is Standing.GIVEN

    def differences(self) -> list[tuple[str, Mend]]:
        return [(one.subject, one.mend) for one in self.auditor.audit().differences]

    def mend(self) -> list[bool]:
        return [self.auditor.repair(one) for one in self.auditor.audit().differences]


@pytest.fixture
def books(store: Store) -> Books:
    with store.transaction() as records:
        records.ledger.set_budget("B1", 1_000_000)
    return Books(store)


def test_what_is_issued_is_fulfilled_once_and_the_books_are_right(books: Books) -> None:
    books.issue(1, 2)
    assert [after.state for after in books.round()] == [FulfilmentState.DONE] * 2
    assert books.grant().state is GrantState.FULFILLED
    assert books.is_paid()
    assert books.round() == []
    assert books.acts() == ["grant_fulfilled"]
    report = books.auditor.audit()
    assert report.is_right
    assert (report.grants, report.budgets, report.remedies) == (2, 1, 2)


@pytest.mark.parametrize("mishap", ["before", "after"])
def test_a_doubt_is_asked_again_later_and_pays_once(books: Books, mishap: str) -> None:
    books.issue(1)
    books.remedies.mishaps.append(mishap)
    (after,) = books.round()
    assert after.state is FulfilmentState.PENDING
    assert after.next_at > books.now
    assert books.round() == []
    books.work_off()
    assert books.remedies.calls == [GIVE, GIVE]
    assert books.grant().state is GrantState.FULFILLED
    assert books.auditor.audit().is_right


def test_waits_grow_and_end_at_a_dead_letter_a_person_sees(books: Books) -> None:
    books.issue(1)
    books.remedies.mishaps += ["before"] * MOST_ATTEMPTS
    waits = []
    while books.waiting():
        before = books.now
        (after,) = books.round()
        waits.append(after.next_at - before)
        books.now = after.next_at
    assert len(waits) == MOST_ATTEMPTS
    assert waits[:3] == [timedelta(seconds=0.5), timedelta(seconds=1), timedelta(seconds=2)]
    assert max(waits) == LONGEST_WAIT
    assert books.differences() == [("grant:G1", Mend.GIVE)]
    assert books.acts() == ["grant_not_fulfilled"]


def test_a_refusal_is_not_asked_again_and_the_promise_stays_until_a_person_decides(books: Books) -> None:
    books.issue(1)
    books.remedies.mishaps.append("refused")
    assert [after.error for after in books.round()] == ["422 order_closed"]
    books.now += 10 * HOUR
    assert books.round() == []
    assert books.grant().state is GrantState.ISSUED
    assert books.differences() == [("grant:G1", Mend.GIVE)]
    assert books.mend() == [True]
    books.work_off()
    assert books.grant().state is GrantState.FULFILLED
    assert books.auditor.audit().is_right


def test_what_is_reversed_while_it_is_being_paid_is_taken_back(books: Books) -> None:
    books.issue(1)
    books.remedies.mishaps.append(books.reverse)
    assert books.round() == []
    assert books.grant().state is GrantState.REVERSED
    assert books.is_paid()
    books.work_off()
    assert not books.is_paid()
    assert books.acts() == ["grant_reversed", "grant_taken_back"]
    assert books.auditor.audit().is_right


def test_a_process_that_died_while_asking_is_taken_over_after_its_lease(books: Books) -> None:
    books.issue(1)

    def die() -> None:
        raise KeyboardInterrupt

    books.remedies.mishaps.append(die)
    with pytest.raises(KeyboardInterrupt):
        books.round()
    assert books.round() == []
    books.now += timedelta(seconds=2)
    assert [after.attempts for after in books.round()] == [2]
    assert books.auditor.audit().is_right


def test_many_workers_at_once_fulfil_everything_once(books: Books) -> None:
    books.issue(*range(20))
    race([books.round] * 8, threads=8)
    assert sorted(books.remedies.calls) == sorted(fulfilment_id(f"G{number}", Act.GRANT) for number in range(20))
    assert books.auditor.audit().is_right


def test_an_order_system_that_is_away_leaves_the_audit_undecided(books: Books) -> None:
    books.issue(1)
    books.round()
    books.remedies.is_away = True
    report = books.auditor.audit()
    assert not report.is_right
    assert (report.unasked, report.differences) == ("away", ())


def damage(books: Books, change: Callable[[Records], object]) -> None:
    with books.store.transaction() as records:
        change(records)


def requeued(fulfilment: str, state: FulfilmentState) -> Callable[[Records], object]:
    """As if a row had been changed by hand."""

    def change(records: Records) -> object:
        records.fulfilments.requeue(fulfilment, at=NOW)
        begun = records.fulfilments.claim(fulfilment, now=NOW, until=NOW + HOUR)
        assert begun is not None
        return records.fulfilments.settle(replace(begun, state=state))

    return change


DEAD, VOID, DONE = FulfilmentState.DEAD, FulfilmentState.VOID, FulfilmentState.DONE


@pytest.mark.parametrize(
    ("reversed_first", "change", "mend"),
    [
        pytest.param(False, requeued(GIVE, VOID), Mend.GIVE, id="a giving that was stopped though the grant stands"),
        pytest.param(False, requeued(GIVE, DEAD), Mend.GIVE, id="a fulfilled grant whose answer was lost"),
        pytest.param(True, requeued(BACK, DEAD), Mend.TAKE_BACK, id="a taking back that was given up"),
        pytest.param(True, requeued(BACK, VOID), Mend.TAKE_BACK, id="a taking back that was stopped"),
        pytest.param(True, requeued(GIVE, DEAD), Mend.TAKE_BACK, id="a giving that is open though reversed"),
    ],
)
def test_damage_is_found_and_mended(
    books: Books, reversed_first: bool, change: Callable[[Records], object], mend: Mend
) -> None:
    books.issue(1)
    books.round()
    if reversed_first:
        books.reverse()
        books.round()
    damage(books, change)
    assert books.differences() == [("grant:G1", mend)]
    assert books.mend() == [True]
    assert books.acts()[-1] == "ledger_repaired"
    books.work_off()
    assert books.is_paid() is not reversed_first
    assert books.auditor.audit().is_right


def test_a_grant_the_order_system_has_paid_is_marked_as_fulfilled(books: Books) -> None:
    books.issue(1)
    damage(books, lambda records: records.remedies.give(replace(STRANGER, grant_id="G1")))
    damage(books, requeued(GIVE, DONE))
    assert books.differences() == [("grant:G1", Mend.MARK)]
    assert books.mend() == [True]
    assert books.grant().state is GrantState.FULFILLED
    assert books.auditor.audit().is_right


def test_money_paid_for_a_grant_nobody_knows_is_for_a_person(books: Books) -> None:
    damage(books, lambda records: records.remedies.give(STRANGER))
    assert books.differences() == [("grant:G404", Mend.PERSON)]
    assert books.mend() == [False]


def test_a_remedy_the_order_system_took_back_on_its_own_is_for_a_person(books: Books) -> None:
    books.issue(1)
    books.round()
    damage(books, lambda records: records.remedies.take_back(replace(STRANGER, grant_id="G1")))
    assert books.differences() == [("grant:G1", Mend.PERSON)]


def test_money_paid_before_a_proposal_was_accepted_is_for_a_person(books: Books) -> None:
    with books.store.transaction() as records:
        records.ledger.propose(GRANT)
        records.fulfilments.add(fulfilment_of(GRANT, Act.GRANT, at=NOW))
    assert books.differences() == [("grant:G1", Mend.PERSON)]


def test_a_queue_nobody_works_is_reported(books: Books) -> None:
    books.issue(1)
    assert books.auditor.audit().is_right
    books.now += HOUR
    (found,) = books.auditor.audit().differences
    assert "没人处理" in found.what
    assert found.mend is Mend.PERSON


def test_a_repair_decided_on_what_has_changed_meanwhile_does_nothing(books: Books) -> None:
    books.issue(1)
    books.remedies.mishaps.append("refused")
    books.round()
    (found,) = books.auditor.audit().differences
    books.reverse()
    assert not books.auditor.repair(found)
    books.work_off()
    assert not books.is_paid()
    assert books.auditor.audit().is_right


def test_a_budget_that_was_changed_by_hand_is_recomputed(books: Books) -> None:
    books.issue(1)
    with books.store.transaction() as records:
        records.ledger.propose(a_grant(2, budget="B1"))
    books.round()
    wrong = Difference(subject="budget:B1", what="by hand", mend=Mend.RECOMPUTE)
    assert books.auditor.repair(wrong)
    assert books.acts("budget:B1") == ["ledger_repaired"]
    with books.store.transaction() as records:
        budget = records.ledger.budget("B1")
    assert budget is not None
    assert (budget.reserved_fen, budget.used_fen) == (2_000, 2_000)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["issue", "reverse"]), st.integers(0, 3)),
        st.tuples(st.just("round"), st.sampled_from(["fine", "before", "after", "refused"])),
        st.tuples(st.just("wait"), st.integers(0, 5)),
    ),
    max_size=30,
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=STEPS)
def test_whatever_happens_what_stands_is_paid_once_and_what_is_reversed_is_not(
    history: list[tuple[str, int | str]],
) -> None:
    books = Books(MemoryStore())
    with books.store.transaction() as records:
        records.ledger.set_budget("B1", 1_000_000)
    for act, what in history:
        _take(books, act, what)
    books.remedies.mishaps.clear()
    books.work_off()
    books.mend()
    books.work_off()
    assert books.auditor.audit().is_right
    with books.store.transaction() as records:
        grants = [entry.grant for entry in records.books.entries()]
    for grant in grants:
        assert books.is_paid(grant.grant_id) is (grant.state in GIVEN)


def _take(books: Books, act: str, what: int | str) -> None:
    with books.store.transaction() as records:
        known = records.ledger.find(f"G{what}")
    if act == "issue" and known is None:
        books.issue(what)
    elif act == "reverse" and known is not None:
        books.reverse(f"G{what}")
    elif act == "round":
        books.remedies.mishaps = [str(what)]
        books.round()
    elif act == "wait":
        books.now += timedelta(seconds=int(what))
