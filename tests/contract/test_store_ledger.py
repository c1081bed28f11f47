"""Effectively once, and never past the budget."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retention.errors import BudgetExhaustedError, IllegalMoveError, NotFoundError
from retention.offer import MOVES, Budget, Grant, GrantState
from retention.ports import Records, Store
from tests.contract.samples import GRANT, HOUR, NOW, a_grant, race

ISSUED, DECLINED, EXPIRED, REVERSED = GrantState.ISSUED, GrantState.DECLINED, GrantState.EXPIRED, GrantState.REVERSED
FULFILLED = GrantState.FULFILLED


@pytest.fixture(autouse=True)
def budget(store: Store) -> None:
    with store.transaction() as records:
        records.ledger.set_budget("B1", 10_000)


def money(store: Store, budget_id: str = "B1") -> tuple[int, int]:
    """(reserved, used)"""
    with store.transaction() as records:
        found = records.ledger.budget(budget_id)
    assert found is not None
    return found.reserved_fen, found.used_fen


def propose(store: Store, grant: Grant) -> Grant:
    with store.transaction() as records:
        return records.ledger.propose(grant)


def move(store: Store, grant_id: str, to: GrantState) -> tuple[Grant, bool]:
    with store.transaction() as records:
        return records.ledger.move(grant_id, to, at=NOW + HOUR)


def test_a_proposal_reserves_its_budget(store: Store) -> None:
    assert propose(store, GRANT) == GRANT
    assert money(store) == (2_000, 0)


def test_the_same_key_proposes_once_and_reserves_once(store: Store) -> None:
    propose(store, GRANT)
    again = propose(store, replace(a_grant(2, reserve_fen=9_000), key=GRANT.key))
    assert again == GRANT
    assert money(store) == (2_000, 0)
    with store.transaction() as records:
        assert records.ledger.find("G2") is None


@pytest.mark.parametrize(
    ("path", "left"),
    [
        ((ISSUED,), (0, 2_000)),
        ((DECLINED,), (0, 0)),
        ((EXPIRED,), (0, 0)),
        ((ISSUED, REVERSED), (0, 0)),
        ((ISSUED, FULFILLED), (0, 2_000)),
        ((ISSUED, FULFILLED, FULFILLED), (0, 2_000)),
        ((ISSUED, FULFILLED, REVERSED), (0, 0)),
        ((ISSUED, ISSUED), (0, 2_000)),
        ((DECLINED, DECLINED), (0, 0)),
    ],
)
def test_every_move_settles_the_budget_once(store: Store, path: tuple[GrantState, ...], left: tuple[int, int]) -> None:
    propose(store, GRANT)
    for to in path:
        moved, _ = move(store, "G1", to)
        assert moved == replace(GRANT, state=to, updated_at=NOW + HOUR)
    assert money(store) == left


def test_moving_to_the_state_it_is_in_changes_nothing(store: Store) -> None:
    propose(store, GRANT)
    assert move(store, "G1", GrantState.PROPOSED) == (GRANT, False)
    issued = replace(GRANT, state=ISSUED, updated_at=NOW + HOUR)
    assert move(store, "G1", ISSUED) == (issued, True)
    with store.transaction() as records:
        assert records.ledger.move("G1", ISSUED, at=NOW + 2 * HOUR) == (issued, False)


ILLEGAL = [(state, to) for state in GrantState for to in GrantState if to is not state and to not in MOVES[state]]


@pytest.mark.parametrize(("state", "to"), ILLEGAL)
def test_an_illegal_move_raises_and_changes_nothing(store: Store, state: GrantState, to: GrantState) -> None:
    propose(store, GRANT)
    for step in {GrantState.PROPOSED: [], REVERSED: [ISSUED, REVERSED], FULFILLED: [ISSUED, FULFILLED]}.get(
        state, [state]
    ):
        move(store, "G1", step)
    before = money(store)
    with pytest.raises(IllegalMoveError, match=f"state={state.value}, move={to.value}"):
        move(store, "G1", to)
    assert money(store) == before


def test_an_unknown_grant_does_not_move(store: Store) -> None:
    with pytest.raises(NotFoundError):
        move(store, "G404", ISSUED)


def test_a_proposal_past_the_budget_is_refused_and_not_written(store: Store) -> None:
    propose(store, a_grant(1, reserve_fen=9_000))
    with store.transaction() as records:
        with pytest.raises(BudgetExhaustedError) as refusal:
            records.ledger.propose(a_grant(2, reserve_fen=1_001))
        records.ledger.propose(a_grant(3, reserve_fen=1_000))  # the transaction goes on
    assert (refusal.value.wanted_fen, refusal.value.left_fen) == (1_001, 1_000)
    assert money(store) == (10_000, 0)
    with store.transaction() as records:
        assert records.ledger.find("G2") is None
        assert records.ledger.find("G3") is not None


def test_a_proposal_on_an_unknown_budget_is_refused_and_not_written(store: Store) -> None:
    with store.transaction() as records:
        with pytest.raises(NotFoundError, match="kind=budget"):
            records.ledger.propose(a_grant(1, budget="B404"))
        assert records.ledger.find("G1") is None


def test_lowering_a_cap_keeps_what_is_promised_and_only_stops_new_proposals(store: Store) -> None:
    propose(store, GRANT)
    with store.transaction() as records:
        records.ledger.set_budget("B1", 1_500)
    with store.transaction() as records:
        found = records.ledger.budget("B1")
        assert found == Budget(budget_id="B1", cap_fen=1_500, reserved_fen=2_000)
        assert found.left_fen == -500
        with pytest.raises(BudgetExhaustedError):
            records.ledger.propose(a_grant(2, reserve_fen=1))
    assert move(store, "G1", ISSUED)[1]
    assert money(store) == (0, 2_000)


def test_grants_are_listed_oldest_first_in_every_state(store: Store) -> None:
    first = replace(a_grant(1), created_at=NOW - 2 * HOUR)
    second = replace(a_grant(2), order_no="A2")
    third = replace(a_grant(3), customer_id="C2", created_at=NOW - HOUR)
    with store.transaction() as records:
        for grant in (second, first, third):
            records.ledger.propose(grant)
        declined, _ = records.ledger.move("G1", DECLINED, at=NOW)
        assert list(records.ledger.of_order(first.order_no)) == [declined, third]
        assert list(records.ledger.of_customer("C1", since=NOW - 2 * HOUR)) == [declined, second]
        assert list(records.ledger.of_customer("C1", since=NOW - HOUR)) == [second]


def test_overdue_are_the_proposals_whose_time_has_come(store: Store) -> None:
    with store.transaction() as records:
        for number in range(3):
            records.ledger.propose(replace(a_grant(number), expires_at=NOW + number * HOUR))
        records.ledger.propose(replace(a_grant("issued"), expires_at=NOW))
        records.ledger.move("Gissued", ISSUED, at=NOW)
        assert [grant.grant_id for grant in records.ledger.overdue(NOW + HOUR)] == ["G0", "G1"]
        assert [grant.grant_id for grant in records.ledger.overdue(NOW + HOUR, limit=1)] == ["G0"]


def test_what_was_reserved_since_a_moment_is_told_by_offer(store: Store) -> None:
    def of(number: int, offer_id: str, *, hours_ago: int, reserve_fen: int) -> Grant:
        grant = a_grant(number, reserve_fen=reserve_fen)
        at = NOW - hours_ago * HOUR
        return replace(grant, offer=replace(grant.offer, offer_id=offer_id), created_at=at, expires_at=at + 24 * HOUR)

    with store.transaction() as records:
        for grant in (
            of(1, "expedite", hours_ago=5, reserve_fen=100),
            of(2, "expedite", hours_ago=4, reserve_fen=200),
            of(3, "points", hours_ago=3, reserve_fen=400),
            of(4, "points", hours_ago=2, reserve_fen=800),
            of(5, "gift", hours_ago=1, reserve_fen=1_600),
        ):
            records.ledger.propose(grant)
        records.ledger.move("G2", ISSUED, at=NOW)
        records.ledger.move("G4", DECLINED, at=NOW)
        assert records.ledger.reserved_since(NOW - 5 * HOUR) == {"expedite": 300, "points": 400, "gift": 1_600}
        assert records.ledger.reserved_since(NOW - 4 * HOUR) == {"expedite": 200, "points": 400, "gift": 1_600}
        assert records.ledger.reserved_since(NOW) == {}


def test_of_200_who_issue_one_grant_at_once_exactly_one_does(store: Store) -> None:
    propose(store, GRANT)
    moved = race([lambda: move(store, "G1", ISSUED)[1]] * 200)
    assert moved.count(True) == 1
    assert money(store) == (0, 2_000)


def test_of_many_who_propose_one_key_at_once_exactly_one_reserves(store: Store) -> None:
    numbers = count()
    grants = race([lambda: propose(store, a_grant(next(numbers), key="one"))] * 60)
    assert len({grant.grant_id for grant in grants}) == 1
    assert money(store) == (2_000, 0)


def test_the_last_money_goes_to_one_and_the_same_key_still_finds_it(store: Store) -> None:
    numbers = count()
    grants = race([lambda: propose(store, a_grant(next(numbers), key="one", reserve_fen=10_000))] * 40)
    assert len({grant.grant_id for grant in grants}) == 1
    assert money(store) == (10_000, 0)


def test_concurrent_proposals_never_overdraw_a_budget(store: Store) -> None:
    numbers = count()

    def try_it() -> bool:
        try:
            propose(store, a_grant(next(numbers), reserve_fen=700))
        except BudgetExhaustedError:
            return False
        return True

    assert race([try_it] * 60).count(True) == 10_000 // 700
    assert money(store) == (14 * 700, 0)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("propose"), st.integers(0, 5), st.sampled_from(["X", "Y"]), st.integers(0, 600)),
        st.tuples(st.just("move"), st.integers(0, 5), st.sampled_from(GrantState)),
    ),
    max_size=25,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # every history has budgets and grants of its own
@given(history=STEPS)
def test_whatever_happens_the_budget_is_the_sum_of_its_grants(store: Store, history: list[tuple[object, ...]]) -> None:
    own = uuid4().hex
    for budget_id in ("X", "Y"):
        with store.transaction() as records:
            records.ledger.set_budget(own + budget_id, 1_000)
    for step in history:
        with store.transaction() as records:
            _take(records, own, step)
        with store.transaction() as records:
            grants = records.ledger.of_order(own)
            for budget_id in (own + "X", own + "Y"):
                of_budget = [grant for grant in grants if grant.offer.budget == budget_id]
                found = records.ledger.budget(budget_id)
                assert found is not None
                assert found.reserved_fen == _sum(of_budget, GrantState.PROPOSED)
                assert found.used_fen == _sum(of_budget, ISSUED) + _sum(of_budget, FULFILLED)
                assert found.left_fen >= 0


def _take(records: Records, own: str, step: tuple[object, ...]) -> None:
    grant_id = f"{own}{step[1]}"
    try:
        if step[0] == "propose":
            _, number, budget_id, reserve_fen = step
            assert isinstance(reserve_fen, int)
            grant = a_grant(f"{own}{number}", reserve_fen=reserve_fen, budget=f"{own}{budget_id}", key=grant_id)
            records.ledger.propose(replace(grant, grant_id=grant_id, order_no=own))
        else:
            assert isinstance(step[2], GrantState)
            records.ledger.move(grant_id, step[2], at=NOW)
    except (BudgetExhaustedError, IllegalMoveError, NotFoundError):
        pass  # ordinary business: the law must hold after it too


def _sum(grants: list[Grant], state: GrantState) -> int:
    return sum(grant.reserve_fen for grant in grants if grant.state is state)
