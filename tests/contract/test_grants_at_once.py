"""Several at once for one order, one customer, one pot: the real application on every store."""

from __future__ import annotations

import asyncio
import zlib
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from retention.handoff import HandoffState
from retention.offer import AFTER_SAVE, GIVEN, Grant
from retention.ports import Records
from tests.contract.conftest import Backend
from tests.http.world import CUSTOMER, LATE_ORDER, World, opened

pytestmark = pytest.mark.anyio

ORDER_NO = LATE_ORDER.order_no


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def world(backend: Backend, tmp_path: Path) -> AsyncIterator[World]:
    async with opened(tmp_path, store=backend.store) as made:
        yield made


async def grant(world: World, order_no: str, key: str, **more: str) -> httpx.Response:
    body = {"order_no": order_no, "reason": "logistics", "offer_id": "expedite", **more}
    return await world.client.post("/v1/grants", json=body, headers=world.api(**{"Idempotency-Key": key}))


def more_orders(world: World, count: int, *, customer_id: str | None = None) -> list[str]:
    """As late as the first; each of a customer and a home of its own unless a customer is named."""
    numbers = [f"TQ-{customer_id}-{number}" for number in range(count)]
    with world.store.transaction() as records:
        for order_no in numbers:
            buyer = customer_id or f"C-{order_no}"
            records.customers.put(replace(CUSTOMER, customer_id=buyer))
            home = replace(
                LATE_ORDER.address, detail=f"{buyer} 号", phone=f"139{zlib.crc32(buyer.encode()) % 10**8:08}"
            )
            records.orders.put(replace(LATE_ORDER, order_no=order_no, customer_id=buyer, address=home))
    return numbers


def budget(world: World) -> tuple[int, int]:
    with world.store.transaction() as records:
        found = records.ledger.budget("logistics")
    assert found is not None
    return found.reserved_fen, found.used_fen


def remedy(records: Records) -> Grant:
    """The one that was asked for; what a kept order gets as a thank-you is another."""
    (only,) = (each for each in records.ledger.of_order(ORDER_NO) if each.offer.cause != AFTER_SAVE)
    return only


async def test_ten_who_accept_at_once_get_one_grant(world: World) -> None:
    shopper = await world.begin()
    await world.say(shopper, "物流太慢了，我要取消")
    answers = await asyncio.gather(*(world.say(shopper, "接受方案", f"yes{number}") for number in range(10)))
    assert {answer.status_code for answer in answers} == {200}
    with world.store.transaction() as records:
        only = remedy(records)
        acts = Counter(entry.act for entry in records.audit.about(f"grant:{only.grant_id}"))
    assert only.state in GIVEN
    assert acts["grant_issued"] == 1
    assert budget(world) == (0, only.reserve_fen)


async def test_two_agents_and_the_bot_at_once_give_one_grant(world: World) -> None:
    shopper = await world.begin()
    offered = (await world.say(shopper, "物流太慢了，我要取消")).json()["replies"][-1]["offer"]
    answers = await asyncio.gather(
        world.say(shopper, "接受方案", "yes"),
        grant(world, ORDER_NO, "agent-1", actor="小王"),
        grant(world, ORDER_NO, "agent-2", actor="小李"),
    )
    assert [answer.status_code for answer in answers] == [200, 201, 201]
    assert {answer.json()["grant_id"] for answer in answers[1:]} == {offered["grant_id"]}
    with world.store.transaction() as records:
        only = remedy(records)
        assert [entry.act for entry in records.audit.about(f"grant:{only.grant_id}")].count("grant_issued") == 1
    assert budget(world) == (0, only.reserve_fen)


async def test_an_agent_in_the_console_and_a_system_at_once_give_one_grant(world: World) -> None:
    shopper = await world.begin()
    await world.say(shopper, "物流太慢了，我要取消")
    await world.say(shopper, "转人工", "m2")
    associate, conversation_id = world.employ("小王"), world.conversation_of(shopper)
    with world.store.transaction() as records:
        (waiting,) = records.handoffs.listed(frozenset({HandoffState.WAITING}))
    await world.service.associates.claim(waiting.handoff_id, associate.name)
    await asyncio.gather(
        world.service.granting.give(conversation_id, "expedite", "g1", associate),
        grant(world, ORDER_NO, "crm"),
        return_exceptions=True,
    )
    with world.store.transaction() as records:
        only = remedy(records)
    assert only.state in GIVEN
    assert budget(world) == (0, only.reserve_fen)


async def test_of_five_orders_at_once_the_last_coupon_goes_to_one(world: World) -> None:
    orders = more_orders(world, 5)
    first = (await grant(world, ORDER_NO, "first")).json()
    with world.store.transaction() as records:
        records.ledger.set_budget("logistics", 2 * first["offer"]["reserve_fen"])
    answers = await asyncio.gather(*(grant(world, order_no, order_no) for order_no in orders))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 4}
    refused = {answer.json()["type"] for answer in answers if answer.status_code == 409}
    assert refused == {"urn:tourniquet:problem:budget_exhausted"}
    assert budget(world) == (0, 2 * first["offer"]["reserve_fen"])


async def test_of_a_customers_orders_at_once_no_more_are_remedied_than_one_after_the_other(world: World) -> None:
    slow = [await grant(world, order_no, order_no) for order_no in more_orders(world, 8, customer_id="SLOW")]
    allowed = sum(answer.status_code == 201 for answer in slow)
    assert 0 < allowed < 8
    orders = more_orders(world, 8, customer_id="QUICK")
    quick = await asyncio.gather(*(grant(world, order_no, order_no) for order_no in orders))
    assert sum(answer.status_code == 201 for answer in quick) == allowed
