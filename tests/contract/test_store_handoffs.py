"""One way to a person a conversation, and one person on it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from retention.errors import IllegalMoveError, NotFoundError
from retention.handoff import OPEN, Handoff, HandoffState
from retention.ports import Store
from tests.contract.samples import HANDOFF, HOUR, NOW, a_conversation, race

WAITING, CLAIMED, RETURNED = HandoffState.WAITING, HandoffState.CLAIMED, HandoffState.RETURNED
HELD = HANDOFF.claimed("小王", at=NOW)
STEPS = {
    "claimed": (HANDOFF, HELD),
    "answered": (HELD, HELD.answered(at=NOW)),
    "passed on": (HELD, HELD.passed("小李", at=NOW, given=True)),
    "taken over": (HELD, HELD.passed("老陈", at=NOW, given=False)),
    "released": (HELD, HELD.released(at=NOW)),
    "resolved": (HELD, HELD.ended(HandoffState.RESOLVED, at=NOW)),
    "cancelled": (HANDOFF, HANDOFF.ended(HandoffState.CANCELLED, at=NOW)),
    "expired": (HANDOFF, HANDOFF.ended(HandoffState.EXPIRED, at=NOW)),
}


@pytest.fixture(autouse=True)
def handoff(store: Store) -> None:
    with store.transaction() as records:
        for number in range(1, 5):
            records.conversations.put(a_conversation(number))
        records.handoffs.open(HANDOFF)


def test_a_conversation_with_an_open_handoff_gets_that_one_again(store: Store) -> None:
    with store.transaction() as records:
        assert records.handoffs.open(replace(HANDOFF, handoff_id="H2")) == HANDOFF
        assert records.handoffs.find("H2") is None
        records.handoffs.change(HANDOFF, HELD)
        assert records.handoffs.open(replace(HANDOFF, handoff_id="H2")) == HELD
        assert records.handoffs.open_of("K1") == HELD


def test_after_the_first_is_returned_a_second_may_open(store: Store) -> None:
    second = replace(HANDOFF, handoff_id="H2", opened_at=NOW + HOUR)
    returned = HELD.ended(RETURNED, at=NOW)
    with store.transaction() as records:
        records.handoffs.change(HANDOFF, HELD)
        records.handoffs.change(HELD, returned)
        assert records.handoffs.open_of("K1") is None
        assert records.handoffs.open(second) == second
        assert records.handoffs.open_of("K1") == second
        assert list(records.handoffs.of_conversation("K1")) == [second, returned]


def test_one_that_expired_at_once_stands_in_nobodys_way(store: Store) -> None:
    missed = replace(HANDOFF, handoff_id="H2", conversation_id="K2", state=HandoffState.EXPIRED, closed_at=NOW)
    later = replace(missed, handoff_id="H3", state=WAITING, closed_at=None)
    with store.transaction() as records:
        assert records.handoffs.open(missed) == missed
        assert records.handoffs.open_of("K2") is None
        assert records.handoffs.open(later) == later


def test_many_who_open_at_once_get_one_handoff(store: Store) -> None:
    def open_one(number: int) -> str:
        with store.transaction() as records:
            return records.handoffs.open(replace(HANDOFF, handoff_id=f"N{number}", conversation_id="K2")).handoff_id

    assert len(set(race([partial(open_one, number) for number in range(40)]))) == 1


def test_of_many_associates_who_claim_at_once_one_gets_it(store: Store) -> None:
    def claim(name: str) -> str | None:
        try:
            with store.transaction() as records:
                return records.handoffs.change(HANDOFF, HANDOFF.claimed(name, at=NOW)).associate
        except IllegalMoveError:
            return None

    winners = [name for name in race([partial(claim, f"客服{number}") for number in range(20)]) if name]
    assert len(winners) == 1
    with store.transaction() as records:
        found = records.handoffs.find("H1")
    assert found is not None
    assert found.associate == winners[0]


@pytest.mark.parametrize(("before", "after"), STEPS.values(), ids=STEPS.keys())
def test_every_move_is_kept_whole(store: Store, before: Handoff, after: Handoff) -> None:
    with store.transaction() as records:
        if before != HANDOFF:
            records.handoffs.change(HANDOFF, before)
        assert records.handoffs.change(before, after) == after
    with store.transaction() as records:
        assert records.handoffs.find("H1") == after


@pytest.mark.parametrize(("before", "after"), STEPS.values(), ids=STEPS.keys())
def test_a_move_from_where_it_no_longer_is_raises_and_changes_nothing(
    store: Store, before: Handoff, after: Handoff
) -> None:
    with store.transaction() as records:
        if before != HANDOFF:
            records.handoffs.change(HANDOFF, before)
        records.handoffs.change(before, after)
        with pytest.raises(IllegalMoveError, match=f"state={after.state.value}"):
            records.handoffs.change(before, after)
        assert records.handoffs.find("H1") == after


def test_a_second_claim_by_the_same_associate_in_the_same_moment_is_another_one(store: Store) -> None:
    released = HELD.released(at=NOW)
    again = released.claimed("小王", at=NOW)
    with store.transaction() as records:
        records.handoffs.change(HANDOFF, HELD)
        records.handoffs.change(HELD, released)
        records.handoffs.change(released, again)
        with pytest.raises(IllegalMoveError):
            records.handoffs.change(HELD, HELD.ended(RETURNED, at=NOW))
        assert records.handoffs.find("H1") == again


def test_an_unknown_handoff_does_not_move(store: Store) -> None:
    unknown = replace(HANDOFF, handoff_id="H404")
    with store.transaction() as records, pytest.raises(NotFoundError):
        records.handoffs.change(unknown, unknown.claimed("小王", at=NOW))


def test_a_handoff_of_an_unknown_conversation_is_refused(store: Store) -> None:
    with store.transaction() as records, pytest.raises(NotFoundError, match="kind=conversation"):
        records.handoffs.open(replace(HANDOFF, conversation_id="K404"))


def test_the_queue_is_by_priority_and_then_by_waiting_time(store: Store) -> None:
    urgent = replace(HANDOFF, handoff_id="H2", conversation_id="K2", priority=90, opened_at=NOW + HOUR)
    earlier = replace(HANDOFF, handoff_id="H3", conversation_id="K3", opened_at=NOW - HOUR)
    left = replace(HANDOFF, handoff_id="H4", conversation_id="K4")
    with store.transaction() as records:
        for handoff in (urgent, earlier, left):
            records.handoffs.open(handoff)
        records.handoffs.change(left, left.ended(HandoffState.CANCELLED, at=NOW))
        assert list(records.handoffs.listed(OPEN)) == [urgent, earlier, HANDOFF]
        assert list(records.handoffs.listed(OPEN, limit=1)) == [urgent]
        assert [one.handoff_id for one in records.handoffs.listed(frozenset({HandoffState.CANCELLED}))] == ["H4"]


def test_what_an_associate_holds_is_what_they_claimed_and_did_not_give_away(store: Store) -> None:
    others = [replace(HANDOFF, handoff_id=f"H{number}", conversation_id=f"K{number}") for number in (2, 3, 4)]
    theirs = others[0].claimed("小李", at=NOW)
    earlier, released = others[1].claimed("小王", at=NOW - HOUR), others[2].claimed("小王", at=NOW)
    with store.transaction() as records:
        for one in others:
            records.handoffs.open(one)
        for before, after in ((HANDOFF, HELD), (others[0], theirs), (others[1], earlier), (others[2], released)):
            records.handoffs.change(before, after)
        records.handoffs.change(released, released.released(at=NOW))
        assert list(records.handoffs.held_by("小王")) == [earlier, HELD]
        assert list(records.handoffs.held_by("小赵")) == []
        assert list(records.handoffs.claimed_since(NOW - HOUR, limit=2)) == [theirs, HELD]
        assert list(records.handoffs.claimed_since(NOW + HOUR)) == []
