"""Notes, labels, ready replies and ratings."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from retention.errors import NotFoundError
from retention.handoff import HandoffState
from retention.ports import Store
from tests.contract.samples import CANNED, HANDOFF, HOUR, NOTE, NOW, RATING, a_conversation, race


@pytest.fixture(autouse=True)
def conversations(store: Store) -> None:
    with store.transaction() as records:
        for number in (1, 2):
            records.conversations.put(a_conversation(number))
            records.handoffs.open(replace(HANDOFF, handoff_id=f"H{number}", conversation_id=f"K{number}"))


def test_notes_come_back_oldest_first_for_their_conversation(store: Store) -> None:
    earlier = replace(NOTE, note_id="N2", at=NOW - HOUR)
    with store.transaction() as records:
        for note in (NOTE, earlier, replace(NOTE, note_id="N3", conversation_id="K2")):
            records.notes.add(note)
        assert list(records.notes.of_conversation("K1")) == [earlier, NOTE]
        assert list(records.notes.of_conversation("K404")) == []


def test_nothing_is_written_down_about_an_unknown_conversation(store: Store) -> None:
    with store.transaction() as records:
        with pytest.raises(NotFoundError, match="kind=conversation"):
            records.notes.add(replace(NOTE, conversation_id="K404"))
        with pytest.raises(NotFoundError, match="kind=conversation"):
            records.labels.put("K404", frozenset({"物流"}))


def test_labels_replace_each_other_and_are_counted(store: Store) -> None:
    with store.transaction() as records:
        records.labels.put("K1", frozenset({"物流", "投诉"}))
        records.labels.put("K2", frozenset({"物流"}))
        records.labels.put("K1", frozenset({"物流", "待回访", "A"}))
        assert records.labels.of_conversation("K1") == ("A", "待回访", "物流")
        assert list(records.labels.used()) == [("物流", 2), ("A", 1), ("待回访", 1)]
        assert list(records.labels.used(limit=1)) == [("物流", 2)]
        records.labels.put("K1", frozenset())
        assert records.labels.of_conversation("K1") == ()


def test_of_many_who_file_a_conversation_at_once_one_word_stands_whole(store: Store) -> None:
    def file(number: int) -> None:
        with store.transaction() as records:
            records.labels.put("K1", frozenset({f"{number}a", f"{number}b"}))

    race([partial(file, number) for number in range(20)])
    with store.transaction() as records:
        first, second = records.labels.of_conversation("K1")
    assert first[:-1] == second[:-1]


def test_a_ready_reply_comes_back_for_its_owner_before_everybodys(store: Store) -> None:
    shared = replace(CANNED, canned_id="R2", owner=None)
    later = replace(CANNED, canned_id="R3", shortcut="/zz", owner=None)
    with store.transaction() as records:
        for reply in (later, shared, CANNED, replace(CANNED, canned_id="R4", owner="小李")):
            assert records.canned.add(reply)
        assert list(records.canned.usable_by("小王")) == [CANNED, shared, later]
        assert list(records.canned.usable_by("nobody")) == [shared, later]
        assert records.canned.find("R1") == CANNED
        assert records.canned.find("R404") is None


@pytest.mark.parametrize("owner", ["小王", None])
def test_a_shortcut_is_its_owners_once(store: Store, owner: str | None) -> None:
    first = replace(CANNED, owner=owner)
    second = replace(first, canned_id="R2", shortcut="/x")
    with store.transaction() as records:
        assert records.canned.add(first)
        assert not records.canned.add(replace(first, canned_id="R2"))
        assert records.canned.add(second)
        assert not records.canned.update(replace(second, shortcut=first.shortcut))
        assert records.canned.find("R2") == second
        assert records.canned.update(replace(second, shortcut="/y", title="新"))
    with store.transaction() as records:
        assert records.canned.find("R2") == replace(second, shortcut="/y", title="新")


def test_a_ready_reply_is_thrown_away_once(store: Store) -> None:
    with store.transaction() as records:
        records.canned.add(CANNED)
        assert records.canned.remove("R1")
        assert not records.canned.remove("R1")
        with pytest.raises(NotFoundError):
            records.canned.update(CANNED)


def test_a_rating_comes_back_as_last_put_and_newest_first(store: Store) -> None:
    better = replace(RATING, score=5, comment="", updated_at=NOW + HOUR)
    with store.transaction() as records:
        records.ratings.put(RATING)
        records.ratings.put(better)
        records.ratings.put(replace(RATING, handoff_id="H2", conversation_id="K2"))
        assert records.ratings.find("H1") == better
        assert records.ratings.find("H404") is None
        assert list(records.ratings.of_conversation("K1")) == [better]


def test_a_rating_of_an_unknown_handoff_is_refused(store: Store) -> None:
    with store.transaction() as records, pytest.raises(NotFoundError, match="kind=handoff"):
        records.ratings.put(replace(RATING, handoff_id="H404"))


def test_ratings_and_handoffs_are_found_by_when_the_handoff_was_opened(store: Store) -> None:
    with store.transaction() as records:
        records.ratings.put(RATING)
        [first, second] = records.handoffs.opened_between(NOW, NOW + HOUR)
        assert [first.handoff_id, second.handoff_id] == ["H1", "H2"]
        assert records.ratings.of_handoffs_opened(NOW, NOW + HOUR) == {"H1": RATING}
        for since, until in ((NOW - HOUR, NOW), (NOW + HOUR, NOW + 2 * HOUR)):
            assert list(records.handoffs.opened_between(since, until)) == []
            assert records.ratings.of_handoffs_opened(since, until) == {}


def test_handoffs_of_a_conversation_are_newest_first(store: Store) -> None:
    with store.transaction() as records:
        records.handoffs.change(HANDOFF, HANDOFF.ended(HandoffState.CANCELLED, at=NOW))
        second = replace(HANDOFF, handoff_id="H0", opened_at=NOW + HOUR)
        records.handoffs.open(second)
        assert [one.handoff_id for one in records.handoffs.of_conversation("K1")] == ["H0", "H1"]
        assert list(records.handoffs.of_conversation("K404")) == []
