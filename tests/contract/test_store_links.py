"""How far a handoff has got in the shop's help desk, and what is left to do."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from retention.errors import NotFoundError
from retention.handoff import Handoff, HandoffState
from retention.help_desk import LinkState
from retention.ports import Records, Store
from tests.contract.samples import HANDOFF, HOUR, LINK, MESSAGE, NOW, a_conversation, race

UP_TO_DATE = replace(LINK, external_id="41", noted=True)


@pytest.fixture(autouse=True)
def handoffs(store: Store) -> None:
    with store.transaction() as records:
        for number in range(1, 4):
            records.conversations.put(a_conversation(number))
        records.handoffs.open(HANDOFF)
        records.handoffs.open(replace(HANDOFF, handoff_id="H2", conversation_id="K2", opened_at=NOW - HOUR))


def found(records: Records, handoff_id: str) -> Handoff:
    handoff = records.handoffs.find(handoff_id)
    assert handoff is not None
    return handoff


def claim(records: Records, handoff_id: str) -> None:
    waiting = found(records, handoff_id)
    records.handoffs.change(waiting, waiting.claimed("小林", at=NOW))


def due(records: Records) -> list[str]:
    return [one.handoff_id for one in records.links.due(NOW + HOUR)]


def test_handoffs_that_wait_and_are_not_linked_are_found_the_longest_waiting_first(store: Store) -> None:
    with store.transaction() as records:
        assert [one.handoff_id for one in records.links.unlinked()] == ["H2", "H1"]
        assert records.links.add(LINK)
        assert not records.links.add(LINK)
        assert [one.handoff_id for one in records.links.unlinked()] == ["H2"]
        claim(records, "H2")
        assert list(records.links.unlinked()) == []


def test_a_link_comes_back_as_it_was_put(store: Store) -> None:
    with store.transaction() as records:
        records.links.add(LINK)
        further = replace(UP_TO_DATE, seq=7, attempts=2, problem="down", state=LinkState.DEAD)
        records.links.put(further)
        assert records.links.find("H1") == further
        assert list(records.links.listed(frozenset({LinkState.DEAD}))) == [further]
        assert records.links.counts() == {LinkState.OPEN: 0, LinkState.OVER: 0, LinkState.DEAD: 1}


def test_a_link_is_due_while_something_is_left_to_do(store: Store) -> None:
    with store.transaction() as records:
        records.links.add(LINK)
        assert due(records) == ["H1"]
        records.links.put(UP_TO_DATE)
        assert due(records) == []
        records.messages.add(MESSAGE)
        assert due(records) == ["H1"]
        records.links.put(replace(UP_TO_DATE, seq=1))
        assert due(records) == []
        records.links.put(replace(UP_TO_DATE, seq=1, noted=False))
        assert due(records) == ["H1"]
        assert list(records.links.due(NOW - HOUR)) == []


def test_a_handoff_that_ended_or_that_somebody_else_took_is_due_until_the_link_is_over(store: Store) -> None:
    with store.transaction() as records:
        records.links.add(UP_TO_DATE)
        claim(records, "H1")
        assert due(records) == ["H1"]
        records.links.take("H1", "小林")
        assert due(records) == []
        held = found(records, "H1")
        records.handoffs.change(held, held.ended(HandoffState.RESOLVED, at=NOW))
        assert due(records) == ["H1"]
        records.links.put(replace(UP_TO_DATE, state=LinkState.OVER))
        assert due(records) == []


def test_the_first_name_taken_stays(store: Store) -> None:
    with store.transaction() as records:
        records.links.add(LINK)
        assert records.links.take("H1", "小敏").associate == "小敏"
        assert records.links.take("H1", "小强").associate == "小敏"
        records.links.put(UP_TO_DATE)
        found = records.links.find("H1")
        assert found is not None
        assert found.associate == "小敏"
        with pytest.raises(NotFoundError):
            records.links.take("H404", "小敏")


def test_of_many_who_reach_for_a_link_one_gets_it(store: Store) -> None:
    with store.transaction() as records:
        records.links.add(LINK)

    def claim() -> bool:
        with store.transaction() as records:
            return records.links.claim(LINK, now=NOW, until=NOW + HOUR) is not None

    assert sum(race([partial(claim) for _ in range(20)])) == 1
    with store.transaction() as records:
        found = records.links.find("H1")
    assert found is not None
    assert (found.attempts, found.next_at) == (1, NOW + HOUR)


def test_of_two_handoffs_in_one_conversation_over_there_the_newest_counts(store: Store) -> None:
    newer = replace(UP_TO_DATE, handoff_id="H2", conversation_id="K2", opened_at=NOW + HOUR)
    with store.transaction() as records:
        records.links.add(newer)
        records.links.add(UP_TO_DATE)
        assert records.links.of_external("41") == newer
        assert records.links.of_external("42") is None
