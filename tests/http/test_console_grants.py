"""What an associate may give in a conversation: through the bot's caps and ledger, once, and on record."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from integrations.wiring import CATALOG
from retention.associate import Role
from retention.offer import GIVEN, GrantState
from retention.order import Stage
from tests.http.world import CUSTOMER, LATE_ORDER, NOW, World, opened

pytestmark = pytest.mark.anyio

API = "/console/api"
BY_MANAGER = "partial_refund_by_manager"


async def test_what_the_bot_put_on_the_table_may_be_given_in_words(world: World) -> None:
    shopper, console = await held(world)
    body = await authority(world, console, shopper)
    assert body["left_fen"] > 0
    assert body["why_not"] is None
    on_table = body["offers"][0]
    assert {"offer_id", "title", "cost_fen", "terms"} <= set(on_table)
    answer = await give(world, console, shopper, on_table["offer_id"])
    assert answer.status_code == 200, answer.text
    assert answer.json()["grant"]["state_words"] in ("已发放", "已兑现")
    with world.store.transaction() as records:
        [grant] = records.ledger.of_order(LATE_ORDER.order_no)
        [entry] = [one for one in records.audit.about(f"grant:{grant.grant_id}") if one.act == "grant_issued"]
        profile = records.profiles.find(world.conversation_of(shopper))
    assert grant.state in GIVEN
    assert entry.actor == "associate:小王"
    assert profile is not None
    assert (profile.grants, profile.granted_fen) == ((grant.grant_id,), grant.offer.value_fen)


async def test_the_shopper_reads_what_was_given_and_by_whom(world: World) -> None:
    shopper, console = await held(world)
    [offer, *_] = (await authority(world, console, shopper))["offers"]
    told = (await give(world, console, shopper, offer["offer_id"])).json()["message"]
    messages = (await world.client.get("/v1/chat/messages", headers=shopper)).json()["messages"]
    assert messages[-1]["text"] == told["text"]
    assert messages[-1]["text"].startswith(f"小王为您办理了「{offer['title']}」")


async def test_the_transcript_tells_how_the_ledger_has_the_offer(world: World) -> None:
    shopper, console = await held(world)

    async def standing() -> dict[str, str]:
        found: dict[str, str] = (await world.client.get("/v1/chat/messages?after=99", headers=shopper)).json()["offer"]
        return found

    before = await standing()
    assert before["state"] == "proposed"
    [offer, *_] = (await authority(world, console, shopper))["offers"]
    await give(world, console, shopper, offer["offer_id"])
    assert await standing() == {"grant_id": before["grant_id"], "state": "issued", "words": "已发放"}


async def test_asking_again_with_the_same_id_gives_and_says_nothing_twice(world: World) -> None:
    shopper, console = await held(world)
    [offer, *_] = (await authority(world, console, shopper))["offers"]
    answers = await asyncio.gather(*(give(world, console, shopper, offer["offer_id"], "g1") for _ in range(5)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    again = await give(world, console, shopper, offer["offer_id"], "g2")
    assert (again.status_code, again.json()["type"]) == (409, "urn:tourniquet:problem:already_granted")
    messages = (await world.client.get("/v1/chat/messages", headers=shopper)).json()["messages"]
    assert sum("为您办理了" in one["text"] for one in messages) == 1
    with world.store.transaction() as records:
        assert len(records.ledger.of_order(LATE_ORDER.order_no)) == 1


async def test_what_takes_a_manager_is_shown_to_everybody_and_given_by_a_supervisor_alone(tmp_path: Path) -> None:
    cheap = tmp_path / "catalog.yml"  # so that it is worth its cost for an order that is hardly in danger
    cheap.write_bytes(CATALOG.read_bytes().replace(b"percent: 20", b"percent: 1"))
    async with opened(tmp_path, catalog_file=cheap) as world:
        with world.store.transaction() as records:
            records.orders.put(replace(LATE_ORDER, stage=Stage.DELIVERED, delivered_at=NOW))
        shopper, console = await held(world, wish="感觉质量一般")
        ruled_out = {one["offer_id"]: one for one in (await authority(world, console, shopper))["ruled_out"]}
        assert ruled_out[BY_MANAGER]["why"] == "该方案需要主管或管理员发放"
        refused = await give(world, console, shopper, BY_MANAGER)
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:tourniquet:problem:no_offer_authority")
        supervisor = await world.log_in("老陈", Role.SUPERVISOR)
        [row] = (await console.get(f"{API}/queue")).json()["handoffs"]
        await supervisor.post(f"{API}/handoffs/{row['handoff_id']}/takeover", json={})
        assert BY_MANAGER in {one["offer_id"] for one in (await authority(world, supervisor, shopper))["offers"]}
        given = await give(world, supervisor, shopper, BY_MANAGER, "g2")
        assert given.status_code == 200, given.text


async def test_who_refused_automatic_decisions_may_be_given_something_by_a_person(world: World) -> None:
    with world.store.transaction() as records:
        records.customers.put(replace(CUSTOMER, opted_out=True))
    shopper, console = await held(world)
    [offer, *_] = (await authority(world, console, shopper))["offers"]
    assert (await give(world, console, shopper, offer["offer_id"])).status_code == 200


async def test_what_may_not_be_given_says_why(world: World) -> None:
    shopper, console = await held(world)
    body = await authority(world, console, shopper)
    ruled_out = next(one for one in body["ruled_out"])
    answer = await give(world, console, shopper, ruled_out["offer_id"])
    assert answer.status_code == 409
    assert ruled_out["why"] in answer.json()["detail"]
    unknown = await give(world, console, shopper, "free_money", "g2")
    assert unknown.status_code == 409


async def test_an_order_that_has_ended_is_given_nothing(world: World) -> None:
    shopper, console = await held(world, stage=Stage.IN_TRANSIT)
    with world.store.transaction() as records:
        for grant in records.ledger.of_order(LATE_ORDER.order_no):
            records.ledger.move(grant.grant_id, GrantState.DECLINED, at=grant.created_at)
        records.orders.put(replace(LATE_ORDER, stage=Stage.CANCELLED))
    body = await authority(world, console, shopper)
    assert (body["offers"], body["why_not"]) == ([], "订单已经结束，没有可保留的订单")


async def test_a_guest_has_no_order_to_be_given_anything_for(world: World) -> None:
    shopper, console = await held(world, customer_id=None)
    body = await authority(world, console, shopper)
    assert (body["left_fen"], body["offers"]) == (0, [])
    assert "哪一单" in body["why_not"]
    assert (await give(world, console, shopper, "any")).status_code == 409


async def test_only_who_holds_the_conversation_gives(world: World) -> None:
    shopper, console = await held(world)
    [offer, *_] = (await authority(world, console, shopper))["offers"]
    other = await world.log_in("小李")
    refused = await give(world, other, shopper, offer["offer_id"])
    assert (refused.status_code, refused.json()["detail"]) == (409, "这个会话已由小王接待。")
    [row] = (await console.get(f"{API}/queue")).json()["handoffs"]
    await console.post(f"{API}/handoffs/{row['handoff_id']}/return", json={})
    late = await give(world, console, shopper, offer["offer_id"])
    assert (late.status_code, late.json()["detail"]) == (409, "请先接入这个会话，再办理补偿。")


async def test_the_id_of_another_message_is_refused(world: World) -> None:
    shopper, console = await held(world)
    [offer, *_] = (await authority(world, console, shopper))["offers"]
    answer = await give(world, console, shopper, offer["offer_id"], "m1")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:tourniquet:problem:message_id_taken")


async def held(
    world: World,
    *,
    customer_id: str | None = "C1",
    stage: Stage = Stage.IN_TRANSIT,
    wish: str = "物流太慢了，我要取消",
) -> tuple[dict[str, str], httpx.AsyncClient]:
    """A shopper with a late order, and the console of 小王, who has their conversation."""
    shopper = await world.begin(customer_id)
    await world.say(shopper, wish, "m1")
    await world.say(shopper, "转人工", "m2")
    console = await world.log_in("小王")
    [row] = (await console.get(f"{API}/queue")).json()["handoffs"]
    await console.post(f"{API}/handoffs/{row['handoff_id']}/claim", json={})
    return shopper, console


async def authority(world: World, console: httpx.AsyncClient, shopper: dict[str, str]) -> dict[str, Any]:
    answer = await console.get(f"{API}/conversations/{world.conversation_of(shopper)}/authority")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def give(
    world: World, console: httpx.AsyncClient, shopper: dict[str, str], offer_id: str, message_id: str = "g1"
) -> httpx.Response:
    path = f"{API}/conversations/{world.conversation_of(shopper)}/grants"
    return await console.post(path, json={"offer_id": offer_id, "message_id": message_id})
