"""A remedy given by an associate or a CRM: once, inside the caps, and the same one the bot offered."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from retention.fulfilment import Standing
from retention.offer import GIVEN
from service.fulfilling import Fulfilling
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
    assert [grant.state in GIVEN for grant in grants] == [True]
    assert grants[0].actor == "associate:xiaowang"
    assert acts[:1] == ["grant_issued"]
    assert set(acts) <= {"grant_issued", "grant_fulfilled"}
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
    assert {**got.json(), "state": given["state"], "updated_at": given["updated_at"]} == given
    order = (await world.client.get(f"/v1/orders/{ORDER_NO}", headers=world.api())).json()
    assert order["grants"][0]["grant_id"] == given["grant_id"]


async def test_the_same_key_with_another_body_is_refused_and_grants_nothing(world: World) -> None:
    first = await _grant(world, "key-1")
    other = await _grant(world, "key-1", offer_id="next_day_voucher")
    assert (other.status_code, other.json()["type"]) == (422, "urn:tourniquet:problem:idempotency_key_reused")
    with world.store.transaction() as records:
        assert [grant.grant_id for grant in records.ledger.of_order(ORDER_NO)] == [first.json()["grant_id"]]


async def test_what_is_given_is_fulfilled_by_the_job_and_can_be_read_so(world: World) -> None:
    given = (await _grant(world, "key-1")).json()
    await Fulfilling(world.shop, world.service.metrics).round()
    got = await world.client.get(f"/v1/grants/{given['grant_id']}", headers=world.api())
    assert got.json()["state"] == "fulfilled"
    remedy = world.shop.remedies.find(given["grant_id"])
    assert remedy is not None
    assert remedy.standing is Standing.GIVEN


async def test_a_grant_that_is_fulfilled_is_still_the_one_for_its_reason(world: World) -> None:
    given = (await _grant(world, "key-1")).json()
    await Fulfilling(world.shop, world.service.metrics).round()
    again = await _grant(world, "key-2")
    assert (again.status_code, again.json()["grant_id"]) == (201, given["grant_id"])
    headers = await world.begin()
    told = await world.say(headers, "物流太慢了，我要取消")
    assert "offer" not in told.json()["replies"][-1]
    with world.store.transaction() as records:
        assert len(records.ledger.of_order(ORDER_NO)) == 1


async def test_a_reversal_frees_the_budget_once_and_is_on_record(world: World) -> None:
    given = (await _grant(world, "key-1")).json()
    answers = [await _reverse(world, given["grant_id"], "back-1") for _ in range(2)]
    answers.append(await _reverse(world, given["grant_id"], "back-2"))
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert {answer.json()["state"] for answer in answers} == {"reversed"}
    with world.store.transaction() as records:
        budget = records.ledger.budget(given["offer"]["budget"])
        reversals = [one for one in records.audit.about(f"grant:{given['grant_id']}") if one.act == "grant_reversed"]
    assert budget is not None
    assert (budget.reserved_fen, budget.used_fen) == (0, 0)
    assert [(one.actor, one.why) for one in reversals] == [("associate:xiaowang", "重复补偿")]


async def test_what_was_fulfilled_is_taken_back_from_the_order_system(world: World) -> None:
    given = (await _grant(world, "key-1")).json()
    fulfilling = Fulfilling(world.shop, world.service.metrics)
    await fulfilling.round()
    await _reverse(world, given["grant_id"], "back-1")
    await fulfilling.round()
    remedy = world.shop.remedies.find(given["grant_id"])
    assert remedy is not None
    assert remedy.standing is Standing.TAKEN_BACK


async def test_what_was_never_given_cannot_be_reversed(world: World) -> None:
    headers = await world.begin()
    offered = (await world.say(headers, "物流太慢了，我要取消")).json()["replies"][-1]["offer"]
    answer = await _reverse(world, offered["grant_id"], "back-1")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:tourniquet:problem:illegal_move")
    assert (await _reverse(world, "G404", "back-2")).status_code == 404


async def test_a_reversal_says_why(world: World) -> None:
    answer = await world.client.post(
        "/v1/grants/G1/reverse", json={"why": ""}, headers=world.api(**{"Idempotency-Key": "k"})
    )
    assert answer.status_code == 422


async def _reverse(world: World, grant_id: str, key: str) -> httpx.Response:
    body = {"why": "重复补偿", "actor": "xiaowang"}
    return await world.client.post(
        f"/v1/grants/{grant_id}/reverse", json=body, headers=world.api(**{"Idempotency-Key": key})
    )


async def _grant(world: World, key: str, **more: str) -> httpx.Response:
    body = {"order_no": ORDER_NO, "reason": "logistics", "actor": "xiaowang", **more}
    return await world.client.post("/v1/grants", json=body, headers=world.api(**{"Idempotency-Key": key}))
