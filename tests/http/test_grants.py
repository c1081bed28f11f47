"""A remedy given by an associate or a CRM: once, inside the caps, and the same one the bot offered."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from retention.offer import GrantState
from tests.http.world import LATE_ORDER, World

pytestmark = pytest.mark.anyio

ORDER_NO = LATE_ORDER.order_no


async def test_a_grant_is_issued_once_however_often_it_is_asked_for(world: World) -> None:
    answers = [await _grant(world, "key-1") for _ in range(3)]
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert [answer.headers.get("idempotent-replayed") for answer in answers] == [None, "true", "true"]
    other_key = await _grant(world, "key-2")
    assert other_key.json()["grant_id"] == answers[0].json()["grant_id"]
    with world.store.transaction() as records:
        grants = records.ledger.of_order(ORDER_NO)
        budget = records.ledger.budget(grants[0].offer.budget)
        acts = [entry.act for entry in records.audit.about(f"grant:{grants[0].grant_id}")]
    assert [grant.state for grant in grants] == [GrantState.ISSUED]
    assert grants[0].actor == "associate:xiaowang"
    assert acts == ["grant_issued"]
    assert budget is not None
    assert (budget.reserved_fen, budget.used_fen) == (0, grants[0].reserve_fen)


async def test_grants_asked_for_at_the_same_moment_are_one(world: World) -> None:
    answers = await asyncio.gather(*(_grant(world, f"key-{number}") for number in range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["grant_id"] for answer in answers}) == 1


async def test_a_grant_needs_an_idempotency_key(world: World) -> None:
    answer = await world.client.post(
        "/v1/grants", json={"order_no": ORDER_NO, "reason": "logistics"}, headers=world.api()
    )
    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json()["detail"]


async def test_a_grant_nothing_allows_is_refused_with_the_reason(world: World) -> None:
    answer = await _grant(world, "key-1", offer_id="no-such-offer")
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:tourniquet:problem:no_offer_no_answer"
    with world.store.transaction() as records:
        assert not records.ledger.of_order(ORDER_NO)


async def test_the_offer_a_shopper_was_made_is_the_grant_an_associate_gives(world: World) -> None:
    headers = await world.begin()
    offered = (await world.say(headers, "物流太慢了，我要取消")).json()["replies"][-1]["offer"]
    given = await _grant(world, "key-1")
    assert given.json()["grant_id"] == offered["grant_id"]
    assert given.json()["state"] == "issued"


async def test_a_grant_can_be_read(world: World) -> None:
    given = (await _grant(world, "key-1")).json()
    got = await world.client.get(f"/v1/grants/{given['grant_id']}", headers=world.api())
    assert got.json() == given
    order = (await world.client.get(f"/v1/orders/{ORDER_NO}", headers=world.api())).json()
    assert order["grants"][0]["grant_id"] == given["grant_id"]


async def _grant(world: World, key: str, **more: str) -> httpx.Response:
    body = {"order_no": ORDER_NO, "reason": "logistics", "actor": "xiaowang", **more}
    return await world.client.post("/v1/grants", json=body, headers=world.api(**{"Idempotency-Key": key}))
