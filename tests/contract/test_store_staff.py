"""Who is at the desk, and whom they still have to call back."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from functools import partial

import pytest

from integrations.store.engine import open_store
from retention.conversation import Author
from retention.errors import IllegalMoveError, NotFoundError
from retention.ports import Store
from retention.presence import PresenceState
from retention.task import TaskState
from tests.contract.conftest import Backend
from tests.contract.samples import ANSWER, CONVERSATION, HOUR, MESSAGE, NOW, PRESENCE, TASK, a_conversation, race


@pytest.fixture(autouse=True)
def conversations(store: Store) -> None:
    with store.transaction() as records:
        for number in range(1, 4):
            records.conversations.put(a_conversation(number))


def test_a_presence_is_what_was_said_last(store: Store) -> None:
    later = replace(PRESENCE, state=PresenceState.ONLINE, seen_at=NOW + HOUR)
    with store.transaction() as records:
        records.presences.put(PRESENCE)
        records.presences.put(later)
    with store.transaction() as records:
        assert records.presences.find("xiaolin") == later
        assert records.presences.lock("xiaolin") == later
        assert records.presences.find("xiaozhou") is None
        assert records.presences.lock("xiaozhou") is None


def test_who_was_seen_lately_is_listed_by_name(store: Store) -> None:
    others = [replace(PRESENCE, associate=name, seen_at=NOW + HOUR) for name in ("b", "a")]
    with store.transaction() as records:
        for presence in (PRESENCE, *others):
            records.presences.put(presence)
        assert [one.associate for one in records.presences.seen_since(NOW)] == ["a", "b", "xiaolin"]
        assert [one.associate for one in records.presences.seen_since(NOW + HOUR)] == ["a", "b"]


def test_two_processes_see_the_same_people(sqlite_backend: Backend) -> None:
    with closing(open_store(sqlite_backend.url)) as other:
        with sqlite_backend.store.transaction() as records:
            records.presences.put(PRESENCE)
        with other.transaction() as records:
            assert records.presences.find("xiaolin") == PRESENCE
            records.presences.put(replace(PRESENCE, state=PresenceState.AWAY))
        with sqlite_backend.store.transaction() as records:
            assert [one.state for one in records.presences.seen_since(NOW)] == [PresenceState.AWAY]
    sqlite_backend.store.close()


def test_a_task_comes_back_and_a_conversation_has_one_open_at_a_time(store: Store) -> None:
    with store.transaction() as records:
        assert records.tasks.add(TASK) == TASK
        assert records.tasks.add(replace(TASK, task_id="T2")) == TASK
        done = TASK.done("小王", "已回电", at=NOW + HOUR)
        assert records.tasks.change(TASK, done) == done
        assert records.tasks.open_of("K1") is None
        assert records.tasks.add(replace(TASK, task_id="T2")).task_id == "T2"
    with store.transaction() as records:
        assert records.tasks.find("T1") == done
        assert records.tasks.find("T404") is None


def test_of_many_who_take_a_task_at_once_one_gets_it(store: Store) -> None:
    with store.transaction() as records:
        records.tasks.add(TASK)

    def take(name: str) -> str | None:
        try:
            with store.transaction() as records:
                return records.tasks.change(TASK, TASK.taken(name)).handler
        except IllegalMoveError:
            return None

    assert len([name for name in race([partial(take, f"客服{number}") for number in range(12)]) if name]) == 1


def test_a_task_nobody_knows_does_not_change(store: Store) -> None:
    with store.transaction() as records, pytest.raises(NotFoundError):
        records.tasks.change(TASK, TASK.taken("小王"))


def test_open_tasks_are_listed_by_urgency_and_done_ones_by_recency(store: Store) -> None:
    urgent = replace(TASK, task_id="T2", conversation_id="K2", due_at=NOW)
    third = replace(TASK, task_id="T3", conversation_id="K3")
    with store.transaction() as records:
        for task in (TASK, urgent, third):
            records.tasks.add(task)
        assert list(records.tasks.listed(TaskState.OPEN)) == [urgent, TASK, third]
        assert list(records.tasks.listed(TaskState.OPEN, limit=1)) == [urgent]
        first_done, last_done = third.done("小王", "", at=NOW), urgent.done("小王", "", at=NOW + HOUR)
        records.tasks.change(third, first_done)
        records.tasks.change(urgent, last_done)
        assert list(records.tasks.listed(TaskState.DONE)) == [last_done, first_done]


def test_the_last_message_of_an_author_is_found(store: Store) -> None:
    with store.transaction() as records:
        assert records.messages.last_by("K1", Author.SHOPPER) is None
        for message in (MESSAGE, ANSWER, replace(MESSAGE, message_id="M3")):
            records.messages.add(message)
        last = records.messages.last_by(CONVERSATION.conversation_id, Author.SHOPPER)
        assert last is not None
        assert last.message_id == "M3"
        assert records.messages.last_by("K1", Author.ASSOCIATE) is None
