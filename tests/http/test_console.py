"""The associates' console: logging in, the queue, taking a conversation, and the race for it."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from service.tokens import Tokens
from tests.http.world import LATE_ORDER, NOW, PASSWORD, SECRETS, World

pytestmark = pytest.mark.anyio

NOT_GET = [
    ("POST", "login"),
    ("POST", "logout"),
    ("POST", "handoffs/H1/claim"),
    ("POST", "handoffs/H1/reply"),
    ("POST", "handoffs/H1/resolve"),
    ("POST", "handoffs/H1/return"),
    ("POST", "handoffs/H1/transfer"),
    ("POST", "handoffs/H1/takeover"),
    ("POST", "handoffs/H1/release"),
    ("POST", "presence"),
    ("POST", "tasks/T1/take"),
    ("POST", "tasks/T1/done"),
    ("POST", "conversations/X1/messages/m1/correction"),
    ("POST", "corrections/R1/accept"),
    ("POST", "corrections/R1/reject"),
]
GET = [
    ("GET", path) for path in ("me", "queue", "conversations/X1", "labels", "corrections", "staff", "tasks", "tasks/T1")
]
CLOSED = [*GET, *NOT_GET[2:]]


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(world: World) -> None:
    answer = await _login(world, "小王", PASSWORD)
    cookie = answer.headers["set-cookie"]
    assert answer.json() == {"name": "小王"}
    for part in ("HttpOnly", "SameSite=strict", "Path=/console"):
        assert part in cookie
    assert "Secure" not in cookie


async def test_over_https_the_cookie_stays_on_https(world: World) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(world.app), base_url="https://shop") as client:
        answer = await client.post(
            "/console/api/login",
            json={"name": "小王", "password": PASSWORD},
            headers={"X-Requested-With": "tourniquet"},
        )
    assert "Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD + " ", PASSWORD.upper()])
async def test_a_wrong_password_logs_nobody_in(world: World, password: str) -> None:
    answer = await _login(world, "小王", password)
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(("method", "path"), CLOSED)
async def test_the_console_is_closed_without_a_cookie_of_ours(world: World, method: str, path: str) -> None:
    chat, _ = world.service.tokens.chat("X1")
    long_ago, _ = Tokens(SECRETS, lambda: NOW.replace(year=2025)).console("小王")
    for token in (None, "nonsense", chat, long_ago, world.service.tokens.customer("C1")):
        cookies = {"tourniquet_console": token} if token else {}
        async with _browser(world, cookies=cookies) as browser:
            answer = await browser.request(method, f"/console/api/{path}", json={} if method == "POST" else None)
        assert answer.status_code == 401, token


@pytest.mark.parametrize(("method", "path"), NOT_GET)
async def test_a_form_of_another_site_can_write_nothing(world: World, method: str, path: str) -> None:
    console = await world.log_in("小王")
    del console.headers["X-Requested-With"]
    answer = await console.request(method, f"/console/api/{path}", json={})
    assert answer.status_code == 403


async def test_logging_out_takes_the_cookie_away(world: World) -> None:
    console = await world.log_in("小王")
    assert (await console.get("/console/api/me")).json() == {"name": "小王"}
    await console.post("/console/api/logout")
    assert (await console.get("/console/api/me")).status_code == 401


async def test_a_conversation_goes_from_the_queue_to_its_end(world: World) -> None:
    shopper = await world.begin()
    await world.say(shopper, "物流太慢了，我要取消", "m1")
    await world.say(shopper, "转人工", "m2")
    console = await world.log_in("小王")
    row = (await console.get("/console/api/queue")).json()["handoffs"][0]
    assert (row["state"], row["customer"], row["order_title"]) == ("waiting", "李**", "缓震跑鞋")
    assert row["last_text"] == "转人工"
    path = f"/console/api/handoffs/{row['handoff_id']}"
    claimed = (await console.post(f"{path}/claim", json={})).json()["handoff"]
    assert (claimed["state"], claimed["associate"]) == ("claimed", "小王")
    reply = {"message_id": "a1", "text": "您好，马上帮您看"}
    assert (await console.post(f"{path}/reply", json=reply)).status_code == 200
    assert (await console.post(f"{path}/reply", json=reply)).status_code == 200
    transcript = (await world.client.get("/v1/chat/messages", headers=shopper)).json()
    assert transcript["status"] == "human"
    assert [message["text"] for message in transcript["messages"]].count(reply["text"]) == 1
    resolved = await console.post(f"{path}/resolve", json={})
    assert resolved.json()["handoff"]["state"] == "resolved"
    assert (await world.client.get("/v1/chat/messages", headers=shopper)).json()["status"] == "closed"


async def test_an_associate_sees_everything_needed_and_no_more_of_a_person(world: World) -> None:
    shopper = await world.begin()
    await world.say(shopper, "物流太慢了，我要取消", "m1")
    await world.say(shopper, "转人工", "m2")
    console = await world.log_in("小王")
    answer = await console.get(f"/console/api/conversations/{world.conversation_of(shopper)}")
    body = answer.json()
    assert set(body) == {
        "conversation", "handoff", "summary", "messages", "order", "customer", "risk", "grants", "mood"
    }  # fmt: skip
    assert body["order"]["stage_words"] == "运输中"
    assert body["order"]["address"]["phone"] == "138****5678"
    assert body["customer"]["name"] == "李**"
    assert body["grants"][0]["state_words"] == "待顾客确认"
    assert body["messages"][0]["hearing"]["emotion_words"] == "生气"
    assert body["messages"][0]["decision"]["intervention_words"]
    assert body["risk"]["reasons"][0]["words"]
    assert len(body["mood"]) == 2
    assert body["summary"]
    for private in (LATE_ORDER.address.phone, LATE_ORDER.address.detail, LATE_ORDER.address.receiver, "李小明"):
        assert private not in answer.text


async def test_of_twenty_associates_who_claim_at_once_one_gets_it_and_the_rest_learn_who(world: World) -> None:
    await world.say(await world.begin(), "转人工")
    consoles = await asyncio.gather(*(world.log_in(f"客服{number}") for number in range(20)))
    row = (await consoles[0].get("/console/api/queue")).json()["handoffs"][0]
    path = f"/console/api/handoffs/{row['handoff_id']}/claim"
    answers = await asyncio.gather(*(console.post(path, json={}) for console in consoles))
    won = [answer for answer in answers if answer.status_code == 200]
    lost = [answer for answer in answers if answer.status_code == 409]
    assert (len(won), len(lost)) == (1, 19)
    winner = won[0].json()["handoff"]["associate"]
    assert all(winner in answer.json()["detail"] for answer in lost)


async def test_only_its_associate_may_answer_or_end_a_conversation(world: World) -> None:
    await world.say(await world.begin(), "转人工")
    one, other = await world.log_in("小王"), await world.log_in("小李")
    row = (await one.get("/console/api/queue")).json()["handoffs"][0]
    path = f"/console/api/handoffs/{row['handoff_id']}"
    unclaimed = await one.post(f"{path}/reply", json={"message_id": "a1", "text": "您好"})
    assert unclaimed.status_code == 409
    await one.post(f"{path}/claim", json={})
    tries: list[tuple[str, Any]] = [("reply", {"message_id": "a1", "text": "您好"}), ("resolve", {}), ("return", {})]
    for act, body in tries:
        answer = await other.post(f"{path}/{act}", json=body)
        assert answer.status_code == 409
        assert "小王" in answer.json()["detail"]


@pytest.mark.parametrize("act", ["claim", "resolve", "return", "takeover", "release"])
async def test_a_handoff_that_never_was_is_not_found(world: World, act: str) -> None:
    console = await world.log_in("小王")
    assert (await console.post(f"/console/api/handoffs/NOPE/{act}", json={})).status_code == 404


async def _login(world: World, name: str, password: str) -> httpx.Response:
    body = {"name": name, "password": password}
    return await world.client.post("/console/api/login", json=body, headers={"X-Requested-With": "tourniquet"})


def _browser(world: World, *, cookies: dict[str, str]) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(world.app),
        base_url="http://test",
        cookies=cookies,
        headers={"X-Requested-With": "tourniquet"},
    )
