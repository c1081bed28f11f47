"""One way to a person a conversation, and one person on it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from retention.errors import IllegalMoveError, NotFoundError
from retention.handoff import MOVES, OPEN, HandoffState
from retention.ports import Store
from tests.contract.samples import HANDOFF, HOUR, NOW, a_conversation, race

WAITING, CLAIMED, RETURNED = HandoffState.WAITING, HandoffState.CLAIMED, HandoffState.RETURNED
PATHS = {
    WAITING: (),
    CLAIMED: (CLAIMED,),
    HandoffState.RESOLVED: (CLAIMED, HandoffState.RESOLVED),
    RETURNED: (CLAIMED, RETURNED),
    HandoffState.CANCELLED: (HandoffState.CANCELLED,),
}
ILLEGAL = [(state, to) for state in HandoffState for to in HandoffState if to not in MOVES[state]]


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
        claimed = records.handoffs.move("H1", CLAIMED, at=NOW + HOUR, associate="小王")
        assert records.handoffs.open(replace(HANDOFF, handoff_id="H2")) == claimed
        assert records.handoffs.open_of("K1") == claimed


def test_after_the_first_is_returned_a_second_may_open(store: Store) -> None:
    second = replace(HANDOFF, handoff_id="H2")
    with store.transaction() as records:
        records.handoffs.move("H1", CLAIMED, at=NOW, associate="小王")
        records.handoffs.move("H1", RETURNED, at=NOW)
        assert records.handoffs.open_of("K1") is None
        assert records.handoffs.open(second) == second
        assert records.handoffs.open_of("K1") == second


def test_many_who_open_at_once_get_one_handoff(store: Store) -> None:
    def open_one(number: int) -> str:
        with store.transaction() as records:
            return records.handoffs.open(replace(HANDOFF, handoff_id=f"N{number}", conversation_id="K2")).handoff_id

    assert len(set(race([partial(open_one, number) for number in range(40)]))) == 1


def test_of_many_associates_who_claim_at_once_one_gets_it(store: Store) -> None:
    def claim(name: str) -> str | None:
        try:
            with store.transaction() as records:
                return records.handoffs.move("H1", CLAIMED, at=NOW, associate=name).associate
        except IllegalMoveError:
            return None

    winners = [name for name in race([partial(claim, f"客服{number}") for number in range(20)]) if name]
    assert len(winners) == 1
    with store.transaction() as records:
        found = records.handoffs.find("H1")
    assert found is not None
    assert found.associate == winners[0]


@pytest.mark.parametrize(("state", "to"), ILLEGAL)
def test_an_illegal_move_raises(store: Store, state: HandoffState, to: HandoffState) -> None:
    with store.transaction() as records:
        for step in PATHS[state]:
            records.handoffs.move("H1", step, at=NOW, associate="小王")
        before = records.handoffs.find("H1")
        with pytest.raises(IllegalMoveError, match=f"state={state.value}, move={to.value}"):
            records.handoffs.move("H1", to, at=NOW + HOUR, associate="小王")
        assert records.handoffs.find("H1") == before


def test_the_claim_of_one_associate_is_not_another_ones_to_end(store: Store) -> None:
    with store.transaction() as records:
        records.handoffs.move("H1", CLAIMED, at=NOW, associate="小王")
        with pytest.raises(IllegalMoveError):
            records.handoffs.move("H1", RETURNED, at=NOW, associate="小李")
        returned = records.handoffs.move("H1", RETURNED, at=NOW + HOUR, associate="小王")
    assert returned == replace(HANDOFF, state=RETURNED, associate="小王", updated_at=NOW + HOUR)


def test_nobody_in_particular_may_end_a_claim_and_it_stays_on_record_whose_it_was(store: Store) -> None:
    with store.transaction() as records:
        records.handoffs.move("H1", CLAIMED, at=NOW, associate="小王")
        assert records.handoffs.move("H1", HandoffState.RESOLVED, at=NOW).associate == "小王"


def test_an_unknown_handoff_does_not_move(store: Store) -> None:
    with store.transaction() as records, pytest.raises(NotFoundError):
        records.handoffs.move("H404", CLAIMED, at=NOW, associate="小王")


def test_a_handoff_of_an_unknown_conversation_is_refused(store: Store) -> None:
    with store.transaction() as records, pytest.raises(NotFoundError, match="kind=conversation"):
        records.handoffs.open(replace(HANDOFF, conversation_id="K404"))


def test_the_queue_is_by_priority_and_then_by_waiting_time(store: Store) -> None:
    urgent = replace(HANDOFF, handoff_id="H2", conversation_id="K2", priority=90, opened_at=NOW + HOUR)
    earlier = replace(HANDOFF, handoff_id="H3", conversation_id="K3", opened_at=NOW - HOUR)
    with store.transaction() as records:
        for handoff in (urgent, earlier, replace(HANDOFF, handoff_id="H4", conversation_id="K4")):
            records.handoffs.open(handoff)
        records.handoffs.move("H4", HandoffState.CANCELLED, at=NOW)
        assert list(records.handoffs.listed(OPEN)) == [urgent, earlier, HANDOFF]
        assert list(records.handoffs.listed(OPEN, limit=1)) == [urgent]
        assert [one.handoff_id for one in records.handoffs.listed(frozenset({HandoffState.CANCELLED}))] == ["H4"]
