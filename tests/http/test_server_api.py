"""What other systems send and read: orders, customers, events, risk, offers, grants, profiles, transcripts, erasure."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.codec import encode
from tests.http.world import LATE_ORDER, NOW, World

pytestmark = pytest.mark.anyio

ORDER_NO = LATE_ORDER.order_no
ORDER: dict[str, Any] = encode(LATE_ORDER)


async def test_an_order_is_read_back_as_it_was_sent(world: World) -> None:
    sent = {**ORDER, "order_no": "O-2", "attributes": {"carrier": "顺丰", "variant": "42", "deep": {"ok": [1, None]}}}
    put = await world.client.put("/v1/orders/O-2", json=sent, headers=world.api())
    assert (put.status_code, put.json()) == (200, {"order_no": "O-2", "stage": "in_transit"})
    got = await world.client.get("/v1/orders/O-2", headers=world.api())
    assert got.json() == {**sent, "changes": [], "grants": []}


async def test_times_are_kept_as_instants_whatever_their_offset(world: World) -> None:
    sent = {**ORDER, "order_no": "O-3", "placed_at": "2026-11-01T08:00:00+08:00"}
    await world.client.put("/v1/orders/O-3", json=sent, headers=world.api())
    got = await world.client.get("/v1/orders/O-3", headers=world.api())
    assert got.json()["placed_at"] == "2026-11-01T00:00:00+00:00"


WRONG_ORDERS: dict[str, tuple[str, Any]] = {
    "body.paid_fen": ("paid_fen", "29900"),
    "body.shipping_fen": ("shipping_fen", 1.5),
    "body.stage": ("stage", "lost"),
    "body.placed_at": ("placed_at", "2026-11-01T08:00:00"),
    "body.paid_at": ("paid_at", 1762000000),
    "body.lines": ("lines", []),
    "body.lines[0].qty": ("lines", [{**ORDER["lines"][0], "qty": 0}]),
    "body.address.phone": ("address", {**ORDER["address"], "phone": "not a phone"}),
    "body.address.street": ("address", {**ORDER["address"], "street": "x"}),
    "body.colour": ("colour", "red"),
    "body.attributes": ("attributes", {"a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": 1}}}}}}}}),
    "body.customer_id": ("customer_id", "has space"),
}


@pytest.mark.parametrize(("where", "change"), WRONG_ORDERS.items(), ids=WRONG_ORDERS.keys())
async def test_a_wrong_order_is_refused_at_the_very_field(world: World, where: str, change: tuple[str, Any]) -> None:
    answer = await world.client.put(f"/v1/orders/{ORDER_NO}", json={**ORDER, change[0]: change[1]}, headers=world.api())
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["where"] == where
    assert answer.json()["errors"][0]["fix"]
    assert "13812345678" not in answer.text


async def test_the_number_in_the_address_and_in_the_body_must_agree(world: World) -> None:
    answer = await world.client.put("/v1/orders/O-9", json=ORDER, headers=world.api())
    assert answer.status_code == 422


async def test_a_customer_is_kept(world: World) -> None:
    sent = {"customer_id": "C9", "name": "王芳", "tier": "gold", "rfm": 88, "lifetime_orders": 12}
    answer = await world.client.put("/v1/customers/C9", json=sent, headers=world.api())
    assert answer.status_code == 200
    with world.store.transaction() as records:
        customer = records.customers.find("C9")
    assert customer is not None
    assert (customer.name, customer.rfm, customer.lifetime_orders) == ("王芳", 88.0, 12)


async def test_an_event_counts_once(world: World) -> None:
    event = {"event_id": "E1", "kind": "fulfilment.delayed", "at": "2026-11-19T00:00:00Z", "order_no": ORDER_NO}
    other = {**event, "event_id": "E2", "data": {"hours": 60, "cause": "暴雨"}}
    first = await world.client.post("/v1/events", json={"events": [event]}, headers=world.api())
    second = await world.client.post("/v1/events", json={"events": [event, other]}, headers=world.api())
    assert first.json() == {"received": 1, "new": 1, "differing": []}
    assert second.json() == {"received": 2, "new": 1, "differing": []}


async def test_a_score_says_why_and_by_which_model(world: World) -> None:
    answer = await world.client.post("/v1/risk/score", json={"order_no": ORDER_NO}, headers=world.api())
    body = answer.json()
    assert answer.status_code == 200
    assert 0 < body["probability"] < 1
    assert body["intercept"] is (body["probability"] > body["threshold"])
    assert {"feature", "node", "contribution", "words"} == set(body["reasons"][0])
    assert body["model_version"] == world.shop.risk.version


async def test_the_score_moves_with_what_the_shop_reports(world: World) -> None:
    async def score() -> float:
        answer = await world.client.post("/v1/risk/score", json={"order_no": ORDER_NO}, headers=world.api())
        probability: float = answer.json()["probability"]
        return probability

    before = await score()
    complaint = {"event_id": "E3", "kind": "service.complained", "at": encode(NOW), "order_no": ORDER_NO}
    await world.client.post("/v1/events", json={"events": [complaint]}, headers=world.api())
    assert await score() > before


async def test_a_quote_ranks_what_fits_and_explains_the_rest(world: World) -> None:
    asked = {"order_no": ORDER_NO, "reason": "logistics"}
    answer = await world.client.post("/v1/offers/quote", json=asked, headers=world.api())
    offers = answer.json()["offers"]
    fitting = [offer for offer in offers if offer["fits"]]
    assert offers[: len(fitting)] == fitting
    assert fitting[0]["value_fen"] > 0
    assert all(offer["why"] for offer in offers)


async def test_the_same_key_with_another_request_is_refused(world: World) -> None:
    headers = world.api(**{"Idempotency-Key": "k1"})
    body = {"customer_id": "C9"}
    first = await world.client.put("/v1/customers/C9", json=body, headers=headers)
    again = await world.client.put("/v1/customers/C9", json=body, headers=headers)
    other = await world.client.put("/v1/customers/C9", json={**body, "tier": "gold"}, headers=headers)
    assert (first.status_code, again.status_code, other.status_code) == (200, 200, 422)
    assert again.text == first.text
    assert other.json()["type"] == "urn:tourniquet:problem:idempotency_key_reused"


async def test_a_refused_write_may_be_mended_under_its_key(world: World) -> None:
    headers = world.api(**{"Idempotency-Key": "k1"})
    refused = await world.client.put("/v1/customers/C9", json={"customer_id": "C8"}, headers=headers)
    mended = await world.client.put("/v1/customers/C9", json={"customer_id": "C9"}, headers=headers)
    assert (refused.status_code, mended.status_code) == (422, 200)


async def test_a_crm_follows_profiles_page_by_page_and_misses_none(world: World) -> None:
    for _ in range(5):
        await world.say(await world.begin(), "你好")
    seen: list[str] = []
    query: dict[str, Any] | None = {"updated_after": "2026-01-01T00:00:00Z"}
    while query:
        page = (await world.client.get("/v1/profiles", params={**query, "limit": 2}, headers=world.api())).json()
        seen += [profile["conversation_id"] for profile in page["profiles"]]
        query = page["next"]
    assert len(seen) == len(set(seen)) == 5
    mine = (await world.client.get("/v1/profiles/C1", headers=world.api())).json()["profiles"]
    assert {profile["conversation_id"] for profile in mine} == set(seen)


async def test_a_transcript_shows_what_was_heard_and_decided(world: World) -> None:
    headers = await world.begin()
    await world.say(headers, "物流太慢了，我要取消")
    answer = await world.client.get(f"/v1/conversations/{world.conversation_of(headers)}", headers=world.api())
    said = answer.json()["messages"][0]
    assert said["hearing"]["intent"] == "cancel_order"
    assert said["decision"]["intervention"] in ("compensate", "expedite")
    assert said["decision"]["why"]
    assert said["decision"]["probability"] > 0


async def test_erasure_leaves_the_books_and_nobody_in_them(world: World) -> None:
    headers = await world.begin()
    await world.say(headers, "物流太慢了，我要取消，电话 13800001111")
    erased = await world.client.delete("/v1/customers/C1", headers=world.api())
    assert erased.status_code == 200
    order = (await world.client.get(f"/v1/orders/{ORDER_NO}", headers=world.api())).json()
    transcript = await world.client.get(f"/v1/conversations/{world.conversation_of(headers)}", headers=world.api())
    assert order["customer_id"] == ""
    assert order["address"]["phone"] == ""
    assert len(order["grants"]) == 1
    assert "13800001111" not in transcript.text
    assert (await world.client.get("/v1/profiles/C1", headers=world.api())).json()["profiles"] == []
    again = await world.client.delete("/v1/customers/C1", headers=world.api())
    assert again.status_code == 200


async def test_an_order_that_is_gone_for_its_person_can_still_be_scored(world: World) -> None:
    await world.client.delete("/v1/customers/C1", headers=world.api())
    answer = await world.client.post("/v1/risk/score", json={"order_no": ORDER_NO}, headers=world.api())
    assert answer.status_code == 200


async def test_another_agent_desk_takes_answers_and_returns_a_conversation(world: World) -> None:
    headers = await world.begin()
    await world.say(headers, "转人工", "m1")
    listed = (await world.client.get("/v1/handoffs", headers=world.api())).json()["handoffs"]
    path = f"/v1/handoffs/{listed[0]['handoff_id']}"
    by = {"associate": "小王"}
    early = await world.client.post(
        f"{path}/reply", json={**by, "message_id": "a0", "text": "您好"}, headers=world.api()
    )
    assert early.status_code == 409
    claimed = await world.client.post(f"{path}/claim", json=by, headers=world.api())
    assert claimed.json()["state"] == "claimed"
    late = await world.client.post(f"{path}/claim", json={"associate": "小李"}, headers=world.api())
    assert late.status_code == 409
    assert "小王" in late.json()["detail"]
    reply = {**by, "message_id": "a1", "text": "您好，我是小王"}
    said = [await world.client.post(f"{path}/reply", json=reply, headers=world.api()) for _ in range(2)]
    assert said[0].json() == said[1].json()
    returned = await world.client.post(f"{path}/return", json=by, headers=world.api())
    assert returned.json()["state"] == "returned"
    transcript = (await world.client.get("/v1/chat/messages", headers=headers)).json()
    assert transcript["status"] == "bot"
    assert [message["text"] for message in transcript["messages"]].count("您好，我是小王") == 1
    assert (await world.client.get("/v1/handoffs", headers=world.api())).json()["handoffs"] == []
    closed = await world.client.get("/v1/handoffs?state=returned", headers=world.api())
    assert len(closed.json()["handoffs"]) == 1


@pytest.mark.parametrize("path", ["/v1/orders/NOPE", "/v1/grants/NOPE", "/v1/conversations/NOPE"])
async def test_what_is_not_there_is_named(world: World, path: str) -> None:
    answer = await world.client.get(path, headers=world.api())
    assert answer.status_code == 404
    assert "NOPE" in answer.json()["detail"]
