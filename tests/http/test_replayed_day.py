"""A day's events against the API trigger exactly the expected interceptions, once each: with duplicates, in any order, and
with the service killed in the middle.

What is expected does not depend on the order of arrival: an order is intercepted for three changes of its address, and more
news never takes one of them back.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from integrations.wiring import read_rows
from retention.notice import DispatchState, NoticeKind
from retention.ports import Store
from service.rescoring import LEASE
from tests.http.world import AT_RISK_HOOK, LATE_ORDER, NOW, Watch, World, in_a_file, opened

pytestmark = pytest.mark.anyio

ORDERS = [f"D{number:03}" for number in range(40)]
CHANGED = "behaviour.address_changed"
OTHERS = ("behaviour.viewed", "fulfilment.scanned", "behaviour.favourited")


def the_day(dice: Random) -> tuple[list[dict[str, Any]], set[str]]:
    """The events of a day, and the orders to intercept by the pure rule over all of them."""
    events: list[dict[str, Any]] = []
    expected = set()
    for order_no in ORDERS:
        changes = dice.choice((0, 1, 2, 2, 3, 4))
        expected |= {order_no} if changes >= 3 else set()
        for kind in [CHANGED] * changes + [dice.choice(OTHERS) for _ in range(dice.randint(1, 4))]:
            at = NOW - timedelta(minutes=dice.randint(1, 600))
            events.append({"event_id": f"e{len(events)}", "kind": kind, "at": at.isoformat(), "order_no": order_no})
    return events, expected


def delivered(dice: Random, events: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """In batches, each event at least once and many twice, in no order."""
    copies = events + dice.sample(events, len(events) // 2)
    dice.shuffle(copies)
    return [copies[start : start + 10] for start in range(0, len(copies), 10)]


def prepare(store: Store) -> None:
    with store.transaction() as records:
        for order_no in ORDERS:
            calm = replace(
                LATE_ORDER,
                order_no=order_no,
                customer_id=f"of-{order_no}",
                promised_delivery_at=NOW + timedelta(days=3),
            )
            records.orders.put(calm)
        records.subscriptions.put(AT_RISK_HOOK)


async def post(world: World, batch: list[dict[str, Any]]) -> None:
    answer = await world.client.post("/v1/events", json={"events": batch}, headers=world.api())
    assert answer.status_code == 200, answer.text


async def work_off(world: World) -> None:
    while await world.service.caring.round():
        pass


@pytest.mark.parametrize("seed", range(3))
async def test_a_replayed_day_intercepts_exactly_the_expected_orders_once_each(tmp_path: Path, seed: int) -> None:
    dice, watch = Random(seed), Watch()
    events, expected = the_day(dice)
    batches = delivered(dice, events)
    half = len(batches) // 2
    rows = replace(read_rows().outreach, hold_out=0.0)

    async with opened(tmp_path, store=in_a_file(tmp_path), clock=watch, outreach=rows) as world:
        prepare(world.store)
        for number, batch in enumerate(batches[:half]):
            await post(world, batch)
            watch.pass_by(seconds=dice.choice((1, 7, 40)))
            if number % 3 == 0:
                await work_off(world)
        # It dies with a batch claimed and nothing of it kept.
        with world.store.transaction() as records:
            records.rescorings.claim(watch() + timedelta(minutes=6), until=watch() + LEASE)

    async with opened(tmp_path, store=in_a_file(tmp_path), clock=watch, outreach=rows) as world:
        await post(world, batches[half - 1])  # its sender never got an answer
        for batch in batches[half:]:
            await post(world, batch)
            watch.pass_by(seconds=dice.choice((1, 7, 40)))
            await work_off(world)
        watch.pass_by(minutes=10)
        await work_off(world)
        with world.store.transaction() as records:
            opened_for = [one.order_no for one in records.outreaches.since(NOW - timedelta(days=1))]
            told = [
                one.data["order_no"]
                for one in records.dispatches.listed(frozenset(DispatchState), limit=1000)
                if one.kind is NoticeKind.ORDER_AT_RISK
            ]
    assert sorted(one for one in opened_for if one in ORDERS) == sorted(expected)
    assert sorted(str(one) for one in told if one in ORDERS) == sorted(expected)
