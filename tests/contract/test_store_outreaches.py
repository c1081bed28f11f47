"""Risk episodes: opened once, acted on once, answered once; and the goods, talks and tasks they are found by."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from retention.conversation import Conversation, Status
from retention.order import Order, Stage
from retention.outreach import Outreach, OutreachState
from retention.ports import Store
from retention.task import TaskKind, TaskState
from tests.contract.conftest import Backend
from tests.contract.samples import (
    CONVERSATION,
    HOUR,
    NOW,
    ORDER,
    OUTREACH,
    SENT_OUTREACH,
    TASK,
    race,
)


def an_outreach(number: int, *, minutes: int = 0, **more: Any) -> Outreach:
    at = NOW + timedelta(minutes=minutes)
    made = replace(OUTREACH, outreach_id=f"A{number}/1", order_no=f"A{number}", opened_at=at, next_at=at)
    return replace(made, **more)


def open_all(store: Store, *outreaches: Outreach) -> None:
    with store.transaction() as records:
        for outreach in outreaches:
            assert records.outreaches.open(outreach)


def test_an_outreach_comes_back_as_it_was_also_with_all_that_became_of_it(store: Store) -> None:
    open_all(store, OUTREACH)
    with store.transaction() as records:
        found = records.outreaches.find(OUTREACH.outreach_id)
        assert found == OUTREACH
        assert found.arm is OUTREACH.arm  # text would be equal to it
        records.outreaches.put(SENT_OUTREACH)
        assert records.outreaches.lock(OUTREACH.outreach_id) == SENT_OUTREACH
        assert records.outreaches.find("no-such") is None


def test_an_episode_of_an_order_is_opened_once_whatever_its_id(store: Store) -> None:
    open_all(store, OUTREACH)
    with store.transaction() as records:
        assert not records.outreaches.open(replace(OUTREACH, probability=0.99))
        assert not records.outreaches.open(replace(OUTREACH, outreach_id="another"))
        assert records.outreaches.open(replace(OUTREACH, outreach_id="next", episode=2))
        assert [one.episode for one in records.outreaches.of_order(ORDER.order_no)] == [1, 2]
        assert records.outreaches.find(OUTREACH.outreach_id) == OUTREACH


def test_of_many_who_open_an_episode_at_once_one_does(backend: Backend) -> None:
    def open_it() -> bool:
        with backend.store.transaction() as records:
            return records.outreaches.open(OUTREACH)

    assert sorted(race([open_it] * 8)) == [False] * 7 + [True]


def test_an_answer_counts_once_and_only_after_something_was_sent(store: Store) -> None:
    open_all(store, OUTREACH)
    with store.transaction() as records:
        assert not records.outreaches.answer(OUTREACH.outreach_id, at=NOW)
        records.outreaches.put(SENT_OUTREACH)
        assert records.outreaches.answer(OUTREACH.outreach_id, at=NOW + 2 * HOUR)
        assert not records.outreaches.answer(OUTREACH.outreach_id, at=NOW + 3 * HOUR)
        found = records.outreaches.find(OUTREACH.outreach_id)
    assert found == replace(SENT_OUTREACH, state=OutreachState.ANSWERED, answered_at=NOW + 2 * HOUR)


def test_due_are_those_that_wait_and_whose_time_has_come_longest_due_first(store: Store) -> None:
    later, sooner = an_outreach(1, minutes=5), an_outreach(2)
    open_all(store, later, sooner, an_outreach(3, minutes=600), an_outreach(4, state=OutreachState.HELD_OUT))
    with store.transaction() as records:
        assert list(records.outreaches.due(NOW + HOUR)) == [sooner, later]
        assert list(records.outreaches.due(NOW + HOUR, limit=1)) == [sooner]


def test_those_of_a_customer_come_from_a_moment_on_oldest_first(store: Store) -> None:
    first, second = an_outreach(1), an_outreach(2, minutes=9)
    open_all(store, second, first, an_outreach(3, minutes=-1), an_outreach(4, customer_id="C2"))
    with store.transaction() as records:
        assert list(records.outreaches.of_customer("C1", since=NOW)) == [first, second]


def test_pages_hold_every_outreach_once_also_those_of_one_moment(store: Store) -> None:
    made = [an_outreach(number, minutes=number // 3) for number in range(10)]
    open_all(store, *reversed(made), an_outreach(99, minutes=-1))
    read: list[Outreach] = []
    with store.transaction() as records:
        while page := records.outreaches.since(
            NOW, after=(read[-1].opened_at, read[-1].outreach_id) if read else None, limit=4
        ):
            read.extend(page)
    assert read == made


def test_goods_lead_to_the_open_orders_that_have_them_now(store: Store) -> None:
    def order(number: int, **more: Any) -> Order:
        return replace(ORDER, order_no=f"A{number}", **more)

    other = replace(ORDER.lines[0], sku="S2")
    with store.transaction() as records:
        for made in (
            order(1),
            order(2, lines=(other,)),
            order(3, stage=Stage.CANCELLED),
            order(4, lines=(*ORDER.lines, other)),
            order(5),
        ):
            records.orders.put(made)
        assert list(records.orders.with_goods("S1")) == ["A1", "A4", "A5"]
        assert list(records.orders.with_goods("S1", after="A1", limit=1)) == ["A4"]
        assert list(records.orders.with_goods("S2")) == ["A2", "A4"]
        records.orders.put(order(4))
        assert list(records.orders.with_goods("S2")) == ["A2"]
        assert list(records.orders.with_goods("no-such")) == []


def test_the_talks_of_a_customer_come_newest_first(store: Store) -> None:
    def talk(number: int, *, hours: int, customer_id: str = "C1") -> Conversation:
        at = NOW + hours * HOUR
        return replace(CONVERSATION, conversation_id=f"K{number}", updated_at=at, customer_id=customer_id)

    with store.transaction() as records:
        for made in (talk(1, hours=1), talk(2, hours=3), talk(3, hours=2), talk(4, hours=9, customer_id="C2")):
            records.conversations.put(made)
        found = records.conversations.of_customer("C1")
        assert [one.conversation_id for one in found] == ["K2", "K3", "K1"]
        assert [one.conversation_id for one in records.conversations.of_customer("C1", limit=1)] == ["K2"]


def test_a_task_without_a_conversation_is_added_once_and_many_of_them_stand_beside_each_other(store: Store) -> None:
    care = replace(TASK, kind=TaskKind.REACH_OUT, conversation_id=None, order_no=ORDER.order_no)
    with store.transaction() as records:
        records.conversations.put(replace(CONVERSATION, status=Status.BOT))
        assert records.tasks.add(care) == care
        assert records.tasks.add(replace(care, wish="别的")) == care
        assert records.tasks.add(replace(care, task_id="T2")) == replace(care, task_id="T2")
        assert records.tasks.add(replace(TASK, task_id="T3")).conversation_id == "K1"
        assert records.tasks.count_open(TaskKind.REACH_OUT) == 2
        records.tasks.change(care, care.done("小王", "已联系", at=NOW))
        assert records.tasks.count_open(TaskKind.REACH_OUT) == 1
        assert {task.task_id for task in records.tasks.listed(TaskState.OPEN)} == {"T2", "T3"}


def test_what_is_rolled_back_was_never_opened(store: Store) -> None:
    with pytest.raises(RuntimeError):
        _open_and_fail(store)
    with store.transaction() as records:
        assert records.outreaches.find(OUTREACH.outreach_id) is None


def _open_and_fail(store: Store) -> None:
    with store.transaction() as records:
        records.outreaches.open(OUTREACH)
        raise RuntimeError
