"""A notice is queued with what it tells, once for everybody who wants it, and taken up by one at a time."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from retention.errors import NotFoundError
from retention.notice import DispatchState, Notice, NoticeKind, failed, sent
from retention.ports import Store
from tests.contract.samples import HOUR, NOTICE, NOW, SUBSCRIPTION, race

WAITING, SENT, DEAD = DispatchState.WAITING, DispatchState.SENT, DispatchState.DEAD
OTHER = replace(SUBSCRIPTION, subscription_id="S2", created_at=NOW + HOUR, kinds=(NoticeKind.GRANT_ISSUED,))
FIRST = f"{NOTICE.notice_id}:S1"


@pytest.fixture(autouse=True)
def subscribed(store: Store) -> None:
    with store.transaction() as records:
        records.subscriptions.put(OTHER)
        records.subscriptions.put(SUBSCRIPTION)


def a_notice(number: int, *, kind: NoticeKind = NoticeKind.HANDOFF_OPENED) -> Notice:
    return replace(NOTICE, notice_id=f"msg_{number}", kind=kind, at=NOW + number * HOUR)


def test_subscriptions_come_back_oldest_first(store: Store) -> None:
    with store.transaction() as records:
        assert list(records.subscriptions.listed()) == [SUBSCRIPTION, OTHER]
        assert records.subscriptions.find("S1") == SUBSCRIPTION
        records.subscriptions.put(replace(SUBSCRIPTION, active=False))
        assert records.subscriptions.find("S1") == replace(SUBSCRIPTION, active=False)


def test_a_notice_goes_to_those_who_want_its_kind(store: Store) -> None:
    with store.transaction() as records:
        assert records.dispatches.queue(NOTICE) == 1
        assert records.dispatches.queue(a_notice(2, kind=NoticeKind.GRANT_ISSUED)) == 2
        assert records.dispatches.queue(a_notice(3, kind=NoticeKind.ORDER_CANCELLED)) == 0
        queued = records.dispatches.find(FIRST)
    assert queued is not None
    assert (queued.kind, queued.at, queued.data, queued.customer_id) == (
        NOTICE.kind,
        NOTICE.at,
        NOTICE.data,
        NOTICE.customer_id,
    )


def test_the_same_notice_is_queued_once(store: Store) -> None:
    with store.transaction() as records:
        records.dispatches.queue(NOTICE)
        assert records.dispatches.queue(NOTICE) == 0
        assert records.dispatches.counts() == {WAITING: 1, SENT: 0, DEAD: 0}


def test_an_address_that_is_gone_is_told_nothing_more(store: Store) -> None:
    with store.transaction() as records:
        records.subscriptions.put(replace(SUBSCRIPTION, active=False))
        assert records.dispatches.queue(NOTICE) == 0


def test_a_notice_of_what_was_rolled_back_is_never_sent(store: Store) -> None:
    def tell_and_fail() -> None:
        with store.transaction() as records:
            records.dispatches.queue(NOTICE)
            records.links.take("H404", "小敏")

    with pytest.raises(NotFoundError):
        tell_and_fail()
    with store.transaction() as records:
        assert records.dispatches.find(FIRST) is None
        assert list(records.dispatches.overdue_for(NOW)) == []


def test_what_is_due_comes_oldest_first_and_only_to_whom_it_is_due(store: Store) -> None:
    with store.transaction() as records:
        for number in (3, 1, 2):
            records.dispatches.queue(a_notice(number, kind=NoticeKind.GRANT_ISSUED))
        assert list(records.dispatches.overdue_for(NOW)) == []
        assert list(records.dispatches.overdue_for(NOW + 2 * HOUR)) == ["S1", "S2"]
        due = records.dispatches.due("S1", NOW + 2 * HOUR)
        assert [one.notice_id for one in due] == ["msg_1", "msg_2"]
        assert len(records.dispatches.due("S1", NOW + 5 * HOUR, limit=1)) == 1


def test_of_many_who_reach_for_a_dispatch_one_gets_it(store: Store) -> None:
    with store.transaction() as records:
        records.dispatches.queue(NOTICE)
        (dispatch,) = records.dispatches.due("S1", NOW)

    def claim() -> bool:
        with store.transaction() as records:
            return records.dispatches.claim(dispatch, now=NOW, until=NOW + HOUR) is not None

    assert sum(race([partial(claim) for _ in range(20)])) == 1
    with store.transaction() as records:
        assert list(records.dispatches.due("S1", NOW)) == []
        found = records.dispatches.find(FIRST)
    assert found is not None
    assert (found.attempts, found.next_at) == (1, NOW + HOUR)


def test_what_was_begun_and_never_finished_is_due_again_after_its_lease(store: Store) -> None:
    with store.transaction() as records:
        records.dispatches.queue(NOTICE)
        (dispatch,) = records.dispatches.due("S1", NOW)
        records.dispatches.claim(dispatch, now=NOW, until=NOW + HOUR)
        (again,) = records.dispatches.due("S1", NOW + HOUR)
        assert again.attempts == 1


def test_what_is_settled_keeps_its_outcome(store: Store) -> None:
    with store.transaction() as records:
        records.dispatches.queue(NOTICE)
        (dispatch,) = records.dispatches.due("S1", NOW)
        later = failed(replace(dispatch, attempts=1), "answered 500", at=NOW)
        records.dispatches.put(later)
        assert records.dispatches.find(FIRST) == later
        given_up = failed(later, "answered 410", at=NOW, gone=True)
        records.dispatches.put(given_up)
        assert list(records.dispatches.listed(frozenset({DEAD}))) == [given_up]
        assert list(records.dispatches.overdue_for(NOW + 100 * HOUR)) == []


def test_what_was_delivered_is_forgotten_in_time_and_what_was_not_stays(store: Store) -> None:
    with store.transaction() as records:
        for number in (1, 2):
            records.dispatches.queue(a_notice(number))
        first, second = records.dispatches.listed(frozenset({WAITING}))
        records.dispatches.put(sent(first, at=NOW))
        records.dispatches.put(failed(second, "x", at=NOW, gone=True))
        assert records.dispatches.purge(NOW) == 0
        assert records.dispatches.purge(NOW + HOUR) == 1
        assert records.dispatches.counts() == {WAITING: 0, SENT: 0, DEAD: 1}


def test_who_unsubscribes_is_sent_nothing_that_was_on_its_way(store: Store) -> None:
    with store.transaction() as records:
        records.dispatches.queue(a_notice(1, kind=NoticeKind.GRANT_ISSUED))
        assert records.subscriptions.remove("S1")
        assert not records.subscriptions.remove("S1")
        assert list(records.dispatches.overdue_for(NOW + HOUR)) == ["S2"]
        assert [one.subscription_id for one in records.subscriptions.listed()] == ["S2"]
        gone = records.dispatches.find("msg_1:S1")
        assert gone is None
