"""Who gets in: signed tokens, API keys and their scopes, limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest

from integrations.settings import Limits
from service.scopes import SCOPES
from service.security import digest
from service.tokens import Tokens
from tests.http.world import NOW, PLENTY, SECRETS, World, opened

pytestmark = pytest.mark.anyio

LATER = int((NOW + timedelta(hours=1)).timestamp())
PAST = int((NOW - timedelta(seconds=1)).timestamp())
SHOP = SECRETS.shop_secret
BAD_CUSTOMER_TOKENS = {
    "another key": jwt.encode({"sub": "C1", "exp": LATER}, "another-secret-0123456789-0123456789", "HS256"),
    "no signature": jwt.encode({"sub": "C1", "exp": LATER}, "", "none"),
    "another algorithm": jwt.encode({"sub": "C1", "exp": LATER}, SHOP * 2, "HS512"),
    "expired": jwt.encode({"sub": "C1", "exp": PAST}, SHOP, "HS256"),
    "no expiry": jwt.encode({"sub": "C1"}, SHOP, "HS256"),
    "no subject": jwt.encode({"exp": LATER}, SHOP, "HS256"),
    "an empty subject": jwt.encode({"sub": "", "exp": LATER}, SHOP, "HS256"),
    "a subject without end": jwt.encode({"sub": "C" * 65, "exp": LATER}, SHOP, "HS256"),
    "not yet valid": jwt.encode({"sub": "C1", "exp": 4 * 10**9, "nbf": 4 * 10**9 - 1}, SHOP, "HS256"),
    "an expiry that is no number": jwt.encode({"sub": "C1", "exp": LATER}, SHOP, "HS256")[:-2] + "xx",
    "no token": "nonsense",
    "nothing": "",
}
SERVER_ROUTES = [
    ("PUT", "/v1/orders/O1", "orders:write"),
    ("GET", "/v1/orders/O1", "orders:read"),
    ("PUT", "/v1/customers/C1", "customers:write"),
    ("DELETE", "/v1/customers/C1", "customers:erase"),
    ("POST", "/v1/events", "events:write"),
    ("POST", "/v1/risk/score", "risk:read"),
    ("POST", "/v1/offers/quote", "offers:read"),
    ("POST", "/v1/grants", "grants:write"),
    ("GET", "/v1/grants/G1", "grants:read"),
    ("GET", "/v1/profiles/C1", "profiles:read"),
    ("GET", "/v1/profiles?updated_after=2026-01-01T00:00:00Z", "profiles:read"),
    ("GET", "/v1/conversations/X1", "conversations:read"),
    ("GET", "/v1/handoffs", "handoffs:read"),
    ("POST", "/v1/handoffs/H1/claim", "handoffs:write"),
    ("POST", "/v1/handoffs/H1/reply", "handoffs:write"),
    ("POST", "/v1/handoffs/H1/resolve", "handoffs:write"),
    ("POST", "/v1/handoffs/H1/return", "handoffs:write"),
    ("GET", "/v1/reports/fairness", "reports:read"),
    ("POST", "/v1/webhooks", "webhooks:write"),
    ("GET", "/v1/webhooks", "webhooks:write"),
    ("DELETE", "/v1/webhooks/W1", "webhooks:write"),
    ("POST", "/v1/webhooks/W1/test", "webhooks:write"),
    ("GET", "/metrics", "metrics:read"),
    ("GET", "/v1/experiments/lift", "experiments:read"),
]


@pytest.mark.parametrize("token", BAD_CUSTOMER_TOKENS.values(), ids=BAD_CUSTOMER_TOKENS.keys())
async def test_a_customer_token_that_proves_nothing_opens_no_conversation(world: World, token: str) -> None:
    answer = await world.client.post("/v1/chat/conversations", json={"customer_token": token})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_conversation_belongs_to_the_customer_the_shop_signed_for(world: World) -> None:
    headers = await world.begin("C1")
    with world.store.transaction() as records:
        conversation = records.conversations.find(world.conversation_of(headers))
    assert conversation is not None
    assert conversation.customer_id == "C1"


async def test_a_customer_nobody_has_sent_yet_is_taken_at_the_shops_word(world: World) -> None:
    await world.begin("newcomer")
    with world.store.transaction() as records:
        assert records.customers.find("newcomer") is not None


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_chat_is_closed_to_every_other_token(world: World, method: str) -> None:
    tokens = Tokens(SECRETS, lambda: NOW)
    expired, _ = Tokens(SECRETS, lambda: NOW - timedelta(days=2)).chat("X1")
    forged, _ = Tokens(replace(SECRETS, chat_secret="z" * 40), lambda: NOW).chat("X1")
    others = [tokens.customer("C1"), *world.cookie("小王").values(), SECRETS.api_key, expired, forged, "nonsense", ""]
    body: Any = {"message_id": "m1", "text": "你好"} if method == "POST" else None
    for token in others:
        answer = await world.client.request(
            method, "/v1/chat/messages", json=body, headers={"Authorization": f"Bearer {token}"}
        )
        assert answer.status_code == 401, token
    assert (await world.client.request(method, "/v1/chat/messages", json=body)).status_code == 401


async def test_a_token_opens_its_own_conversation_only(world: World) -> None:
    one, other = await world.begin(), await world.begin()
    await world.say(one, "你好")
    assert (await world.client.get("/v1/chat/messages", headers=other)).json()["messages"] == []


async def test_a_token_of_a_conversation_that_is_gone_finds_nothing(world: World) -> None:
    token, _ = world.service.tokens.chat("no-such-conversation")
    answer = await world.say({"Authorization": f"Bearer {token}"}, "你好")
    assert answer.status_code == 404


@pytest.mark.parametrize(("method", "path", "scope"), SERVER_ROUTES)
async def test_a_server_route_wants_a_key_with_its_scope(world: World, method: str, path: str, scope: str) -> None:
    with world.store.transaction() as records:
        records.api_keys.put(digest("narrow-key"), "narrow", SCOPES - {scope})
        records.api_keys.put(digest("fitting-key"), "fitting", frozenset({scope}))
    nobody = await world.client.request(method, path)
    assert (nobody.status_code, nobody.headers["www-authenticate"]) == (401, "Bearer")
    for key in ("wrong-key", SECRETS.action_token, world.service.tokens.customer("C1")):
        assert (await world.client.request(method, path, headers=_bearer(key))).status_code == 401
    narrow = await world.client.request(method, path, headers=_bearer("narrow-key"))
    assert narrow.status_code == 403
    assert scope in narrow.json()["detail"]
    fitting = await world.client.request(method, path, headers=_bearer("fitting-key"))
    assert fitting.status_code not in (401, 403)


def test_every_scope_opens_something() -> None:
    assert {scope for _, _, scope in SERVER_ROUTES} == SCOPES


@pytest.mark.parametrize("token", ["", "wrong", SECRETS.api_key, SECRETS.rasa_secret])
async def test_the_action_endpoint_serves_rasa_alone(world: World, token: str) -> None:
    answer = await world.client.post("/internal/actions", json={"next_action": "action_desk"}, headers=_bearer(token))
    assert answer.status_code == 401


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"x"', b"\xff", b'{"next_action": "action_desk"}', b"[" * 100_000])
async def test_the_action_endpoint_survives_any_body(world: World, body: bytes) -> None:
    answer = await world.client.post("/internal/actions", content=body, headers=_bearer(SECRETS.action_token))
    assert answer.status_code == 400


async def test_an_action_nobody_knows_is_named(world: World) -> None:
    answer = await world.client.post(
        "/internal/actions",
        json={"next_action": "action_new", "tracker": {}, "domain": {}},
        headers=_bearer(SECRETS.action_token),
    )
    assert answer.status_code == 404
    assert "action_new" in answer.json()["detail"]


async def test_whoever_asks_too_often_is_told_when_to_come_back(tmp_path: Path) -> None:
    few = Limits(messages="2/hour", reads="2/hour", conversations="2/hour", logins="2/hour", calls="2/hour")
    async with opened(tmp_path, limits=few) as world:
        headers = await world.begin()
        said = [await world.say(headers, "你好", f"m{number}") for number in range(3)]
        read = [await world.client.get("/v1/chat/messages", headers=headers) for _ in range(3)]
        await world.begin()
        begun = await world.client.post("/v1/chat/conversations", json={})
        calls = [await world.client.get("/v1/orders/O1", headers=world.api()) for _ in range(3)]
        logins = [
            await world.client.post(
                "/console/api/login", json={"name": "小王", "password": "x"}, headers={"X-Requested-With": "tourniquet"}
            )
            for _ in range(3)
        ]
    for last in (said[-1], read[-1], begun, calls[-1], logins[-1]):
        assert last.status_code == 429
        assert int(last.headers["retry-after"]) > 0
        assert last.json()["type"] == "urn:tourniquet:problem:too_many_requests"
    assert [answer.status_code for answer in said[:2]] == [200, 200]


async def test_one_shopper_does_not_use_up_anothers_limit(tmp_path: Path) -> None:
    async with opened(tmp_path, limits=replace(PLENTY, messages="1/hour")) as world:
        one, other = await world.begin(), await world.begin()
        assert (await world.say(one, "你好")).status_code == 200
        assert (await world.say(one, "你好", "m2")).status_code == 429
        assert (await world.say(other, "你好")).status_code == 200


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
