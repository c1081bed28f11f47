"""When a parcel arrives: a range the data carry, never a promise, and nothing where nothing is known."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention.arrival import expected, when
from retention.event import Event
from retention.order import Order, Stage
from tests.unit.counter import HOUR, NOW, Counter, order


def lane(place: str = "武汉转运中心", low: float = 20, high: float = 60, parcels: int = 340, ago: float = 3) -> Event:
    data = {"place": place, "hours_low": low, "hours_high": high, "parcels": parcels}
    return Event(
        event_id=f"lane-{place}-{ago}", kind="fulfilment.lane", at=NOW - ago * HOUR, order_no="TQ20261120001", data=data
    )


def scan(ago: float, place: str = "武汉转运中心") -> Event:
    return Event(
        event_id=f"scan-{ago}",
        kind="fulfilment.scanned",
        at=NOW - ago * HOUR,
        order_no="TQ20261120001",
        data={"place": place},
    )


def delay(ago: float, hours: float) -> Event:
    return Event(
        event_id=f"delay-{ago}",
        kind="fulfilment.delayed",
        at=NOW - ago * HOUR,
        order_no="TQ20261120001",
        data={"hours": hours},
    )


def moving(**facts: object) -> Order:
    return order(stage=Stage.IN_TRANSIT, **facts)  # type: ignore[arg-type]


def test_a_range_counts_from_the_last_scan() -> None:
    arrival = expected(moving(), [lane(), scan(10)], NOW)
    assert arrival is not None
    assert (arrival.early, arrival.late) == (NOW + 10 * HOUR, NOW + 50 * HOUR)


def test_a_parcel_slower_than_most_gets_no_date() -> None:
    arrival = expected(moving(), [lane(), scan(70)], NOW)
    assert arrival is not None
    assert arrival.overdue
    assert "日" not in when(arrival, moving(), NOW)


def test_an_announced_delay_moves_the_late_end_only() -> None:
    before = expected(moving(), [lane(), scan(10)], NOW)
    after = expected(moving(), [lane(), scan(10), delay(5, 24)], NOW)
    assert before is not None
    assert after is not None
    assert (after.early, after.late) == (before.early, before.late + 24 * HOUR)


@pytest.mark.parametrize(
    "events",
    [
        [scan(10)],
        [lane()],
        [lane("长沙"), scan(10)],
        [lane(parcels=5), scan(10)],
        [lane(low=60, high=20), scan(10)],
        [lane(low=float("nan")), scan(10)],
    ],
)
def test_without_what_it_rests_on_nothing_is_said(events: list[Event]) -> None:
    assert when(expected(moving(), events, NOW), moving(), NOW) == ""


def test_before_dispatch_it_hangs_on_the_promised_day_and_says_so() -> None:
    waiting = order(promised_ship_at=NOW + 24 * HOUR, attributes={"warehouse": "嘉兴仓"})
    words = when(expected(waiting, [lane("嘉兴仓")], NOW), waiting, NOW)
    assert words.startswith("如果 11 月 21 日发出")
    assert "11 月 22 日到 24 日之间到" in words


def test_a_promise_it_may_break_is_named() -> None:
    tight = moving(promised_delivery_at=NOW + 5 * HOUR)
    assert "可能赶不上承诺" in when(expected(tight, [lane(), scan(10)], NOW), tight, NOW)


@given(low=st.floats(0, 200), width=st.floats(0, 200), ago=st.floats(0, 300), delayed=st.none() | st.floats(-50, 2000))
def test_a_range_never_lies_in_the_past_nor_runs_backwards(
    low: float, width: float, ago: float, delayed: float | None
) -> None:
    events = [lane(low=low, high=low + width), scan(ago), *([delay(0, delayed)] if delayed is not None else [])]
    arrival = expected(moving(), events, NOW)
    assert arrival is not None
    assert arrival.early >= NOW
    assert arrival.overdue or arrival.early <= arrival.late + timedelta(seconds=1)


def test_who_asks_where_the_parcel_is_hears_the_range_without_a_promise() -> None:
    counter = Counter(moving()).events(lane(), scan(10))
    text = counter.say("什么时候能到", "track_order").bubbles[0].text
    assert "预计 11 月 20 日到 22 日之间到" in text
    assert "不敢打包票" in text
    assert "340 个包裹" in text
