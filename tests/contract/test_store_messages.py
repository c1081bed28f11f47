"""Transcripts are numbered without gaps, and a message is there once."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from retention.conversation import Author, Message
from retention.errors import NotFoundError
from retention.offer import GrantState
from retention.ports import Store
from tests.contract.samples import ANSWER, CONVERSATION, HEARING, MESSAGE, NOW, a_conversation, race


@pytest.fixture(autouse=True)
def conversations(store: Store) -> None:
    with store.transaction() as records:
        records.conversations.put(CONVERSATION)
        records.conversations.put(a_conversation(2))


def a_message(number: int, **changes: object) -> Message:
    return replace(MESSAGE, message_id=f"M{number}", text=f"第{number}句", **changes)  # type: ignore[arg-type]


def test_numbers_count_from_1_in_each_conversation(store: Store) -> None:
    with store.transaction() as records:
        for message in (MESSAGE, ANSWER, replace(MESSAGE, conversation_id="K2")):
            records.messages.add(message)
        assert [one.seq for one in records.messages.after("K1", 0)] == [1, 2]
        assert [one.seq for one in records.messages.after("K2", 0)] == [1]


def test_a_second_message_of_the_same_id_is_not_written_and_takes_no_number(store: Store) -> None:
    with store.transaction() as records:
        records.messages.add(MESSAGE)
        assert records.messages.add(replace(MESSAGE, text="再来一次")) is None
        assert records.messages.add(ANSWER) == replace(ANSWER, seq=2)
        assert list(records.messages.after("K1", 0)) == [replace(MESSAGE, seq=1), replace(ANSWER, seq=2)]


def test_replacing_the_conversation_does_not_start_counting_again(store: Store) -> None:
    with store.transaction() as records:
        records.messages.add(MESSAGE)
        records.conversations.put(replace(CONVERSATION, traditional=False))
        assert records.messages.add(ANSWER) == replace(ANSWER, seq=2)


def test_a_number_of_a_transaction_that_failed_is_given_again(store: Store) -> None:
    with pytest.raises(NotFoundError), store.transaction() as records:
        _ = records.messages.add(MESSAGE), records.ledger.move("G404", GrantState.ISSUED, at=NOW)
    with store.transaction() as records:
        assert records.messages.add(ANSWER) == replace(ANSWER, seq=1)


def test_numbers_have_no_gap_and_no_double_when_many_write_at_once(store: Store) -> None:
    def add(number: int) -> Message | None:
        with store.transaction() as records:
            return records.messages.add(a_message(number % 40))

    written = [one for one in race([partial(add, number) for number in range(80)]) if one is not None]
    assert sorted(one.seq for one in written) == list(range(1, 41))
    with store.transaction() as records:
        assert [one.seq for one in records.messages.after("K1", 0)] == list(range(1, 41))


def test_a_message_of_an_unknown_conversation_is_refused(store: Store) -> None:
    with store.transaction() as records:
        with pytest.raises(NotFoundError, match="kind=conversation"):
            records.messages.add(replace(MESSAGE, conversation_id="K404"))
        assert records.messages.find("K404", "M1") is None


def test_an_update_replaces_all_but_the_number(store: Store) -> None:
    with store.transaction() as records:
        records.messages.add(replace(MESSAGE, hearing=None, decision=None))
        records.messages.add(ANSWER)
        records.messages.update(replace(MESSAGE, answered=True, seq=99))
        assert records.messages.find("K1", "M1") == replace(MESSAGE, answered=True, seq=1)
        assert records.messages.find("K1", "M2") == replace(ANSWER, seq=2)


def test_an_update_of_an_unknown_message_is_refused(store: Store) -> None:
    with store.transaction() as records, pytest.raises(NotFoundError, match="kind=message"):
        records.messages.update(MESSAGE)


def test_turns_are_the_last_shopper_messages_that_were_heard_oldest_first(store: Store) -> None:
    with store.transaction() as records:
        for number in range(4):
            records.messages.add(a_message(number))
        records.messages.add(a_message(4, hearing=None))
        records.messages.add(a_message(5, author=Author.ASSOCIATE, hearing=HEARING))
        assert [one.message_id for one in records.messages.turns("K1", last=2)] == ["M2", "M3"]
        assert [one.message_id for one in records.messages.turns("K1", last=9)] == ["M0", "M1", "M2", "M3"]
        assert list(records.messages.turns("K1", last=0)) == []


def test_reading_on_starts_after_the_number_and_stops_at_the_limit(store: Store) -> None:
    with store.transaction() as records:
        for number in range(5):
            records.messages.add(a_message(number))
        assert [one.seq for one in records.messages.after("K1", 2, limit=2)] == [3, 4]
        assert list(records.messages.after("K1", 5)) == []
