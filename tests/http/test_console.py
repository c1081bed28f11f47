"""The associates' console: its doors, the queue, taking a conversation, and the race for it."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from retention.associate import Role
from tests.http.world import LATE_ORDER, SECRETS, World

pytestmark = pytest.mark.anyio

WRITES = [
    ("POST", "login"),
    ("POST", "logout"),
    ("POST", "password"),
    ("POST", "associates"),
    ("PATCH", "associates/A1"),
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
    ("POST", "conversations/X1/notes"),
    ("PUT", "conversations/X1/labels"),
    ("POST", "conversations/X1/grants"),
    ("POST", "canned"),
    ("PUT", "canned/R1"),
    ("DELETE", "canned/R1"),
]
READS = [
    "me",
    "queue",
    "conversations/X1",
    "conversations/X1/notes",
    "conversations/X1/authority",
    "labels",
    "labels/used",
    "attachments/P1",
    "staff",
    "tasks",
    "tasks/T1",
    "attachments/A1",
    "corrections",
    "associates",
    "search",
    "customers/C1/conversations",
    "canned",
    "canned/R1/rendered",
    "supervisor",
    "insight/money",
    "insight/refusals",
    "insight/fairness",
    "insight/experiment",
    "insight/risk",
]
CLOSED = [*(("GET", path) for path in READS), *WRITES[2:]]


async def test_every_address_of_the_console_is_tried(world: World) -> None:
    known = {
        (method.upper(), path.removeprefix("/console/api/"))
        for path, methods in world.app.openapi()["paths"].items()
        if path.startswith("/console/api/")
        for method in methods
    }
    patterns = {(method, re.sub(r"\{\w+\}", r"\\w+", path)) for method, path in known}
    tried = [*CLOSED, *WRITES]
    untried = [one for one in patterns if not any(m == one[0] and re.fullmatch(one[1], p) for m, p in tried)]
    assert untried == []


@pytest.mark.parametrize(("method", "path"), CLOSED)
async def test_the_console_is_closed_without_a_cookie_of_ours(world: World, method: str, path: str) -> None:
    chat, _ = world.service.tokens.chat("X1")
    for token in (None, "nonsense", chat, world.service.tokens.customer("C1"), SECRETS.console_password):
        cookies = {"tourniquet_console": token} if token else {}
        async with world.browser(**cookies) as browser:
            answer = await browser.request(method, f"/console/api/{path}", json=None if method == "GET" else {})
        assert answer.status_code == 401, token


@pytest.mark.parametrize(("method", "path"), WRITES)
async def test_a_form_of_another_site_can_write_nothing(world: World, method: str, path: str) -> None:
    console = await world.log_in("小王", Role.ADMIN)
    del console.headers["X-Requested-With"]
    answer = await console.request(method, f"/console/api/{path}", json={})
    assert answer.status_code == 403


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


async def test_a_calm_last_word_does_not_hide_how_angry_the_shopper_was(world: World) -> None:
    shopper = await world.begin()
    for number, text in enumerate(("物流太慢了，我要取消", "转人工", "你好")):
        await world.say(shopper, text, f"m{number}")
    row = (await (await world.log_in("小王")).get("/console/api/queue")).json()["handoffs"][0]
    assert (row["last_text"], row["emotion"], row["worst_emotion"]) == ("你好", "neutral", "angry")


async def test_an_associate_sees_everything_needed_and_no_more_of_a_person(world: World) -> None:
    shopper = await world.begin()
    await world.say(shopper, "物流太慢了，我要取消", "m1")
    await world.say(shopper, "转人工", "m2")
    console = await world.log_in("小王")
    answer = await console.get(f"/console/api/conversations/{world.conversation_of(shopper)}")
    body = answer.json()
    assert set(body) == {
        "conversation", "handoff", "summary", "messages", "order", "customer", "risk", "grants", "mood", "labels", "rating"
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
