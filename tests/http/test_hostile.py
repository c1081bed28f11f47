"""Whatever is sent to whichever address, the answer is a problem in words and never a failure of ours."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from integrations.codec import encode
from retention.associate import Role
from tests.http.world import LATE_ORDER, World, in_a_file, opened

pytestmark = pytest.mark.anyio

BODIES: dict[str, bytes] = {
    "nothing": b"",
    "half an object": b'{"text": "',
    "no JSON": b"text=1&x=2",
    "no UTF-8": b"\xff\xfe\x00\x01",
    "a list": b"[]",
    "a number": b"1e999",
    "null": b"null",
    "a text": '"😀"'.encode(),
    "deep": b"[" * 50_000 + b"]" * 50_000,
    "a long number": b'{"paid_fen": ' + b"9" * 5_000 + b"}",
    "not a number": b'{"rfm": NaN}',
    "half a character": b'{"text": "\\ud800", "message_id": "\\udfff"}',
    "NUL": b'{"text": "a\\u0000b", "message_id": "\\u0000"}',
    "emoji": '{"text": "👨‍👩‍👧😀", "message_id": "😀"}'.encode(),
    "wrong types": b'{"text": 1, "message_id": [], "order_no": {}, "events": "x", "associate": true, "name": null}',
    "unknown fields": b'{"__proto__": {"admin": true}, "status": "human"}',
}
TOO_LARGE = b'{"text": "' + b"a" * (5 * 1024 * 1024 + 1) + b'"}'
PARAMETERS = {
    "order_no": "O-1",
    "customer_id": "C1",
    "grant_id": "G1",
    "conversation_id": "X1",
    "handoff_id": "H1",
    "message_id": "M1",
    "correction_id": "R1",
    "webhook_id": "W1",
    "task_id": "T1",
    "attachment_id": "0" * 32,
    "canned_id": "R2",
    "name": "nobody",
    "path": "shop.js",
    "app_id": "wx1",
    "kind": "wechat",
    "external_id": "oSHOPPER",
}
BAD_IDS = ["..", "%00", "%ff", "a%2Fb", "😀", "a" * 65, "%0d%0aX: y", "' OR 1=1 --", "{order_no}"]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with opened(tmp_path, store=in_a_file(tmp_path)) as made:
        yield made


async def _admin(world: World) -> httpx.AsyncClient:
    """Whom no door of the console is closed to."""
    return await world.log_in("小王", Role.ADMIN)


def _routes(world: World) -> list[tuple[str, str]]:
    """Logging out comes last, or what follows would be tried by nobody."""
    found = [
        (method, path.format(**PARAMETERS))
        for path, methods in world.app.openapi()["paths"].items()
        for method in methods
    ]
    return sorted(found, key=lambda route: route[1].endswith("/logout"))


def _headers(path: str, world: World, chat: dict[str, str]) -> dict[str, str]:
    if path.startswith("/v1/chat"):
        return chat
    return world.api(**{"Idempotency-Key": "k1"})


def _is_fine(answer: httpx.Response) -> bool:
    is_problem = answer.headers.get("content-type") == "application/problem+json"
    return answer.status_code < 400 or (answer.status_code < 500 and is_problem and bool(answer.json()["detail"]))


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
async def test_no_body_breaks_any_address(world: World, body: bytes) -> None:
    chat = await world.begin()
    caller = await _admin(world)
    for method, path in _routes(world):
        headers = {**_headers(path, world, chat), "Content-Type": "application/json"}
        answer = await caller.request(method, path, content=body, headers=headers)
        assert _is_fine(answer), (method, path, answer.status_code, answer.text[:300])


async def test_a_body_without_end_is_refused_early(world: World) -> None:
    chat = await world.begin()
    caller = await _admin(world)
    for method, path in _routes(world):
        headers = {**_headers(path, world, chat), "Content-Type": "application/json"}
        answer = await caller.request(method, path, content=TOO_LARGE, headers=headers)
        assert answer.status_code == 413, (method, path, answer.status_code)
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_body_of_unknown_length_is_refused_once_it_is_too_long(world: World) -> None:
    async def trickle() -> AsyncIterator[bytes]:
        for start in range(0, len(TOO_LARGE), 65_536):
            yield TOO_LARGE[start : start + 65_536]

    chat = await world.begin()
    caller = await _admin(world)
    for path, methods in world.app.openapi()["paths"].items():
        for method, operation in methods.items():
            if "requestBody" in operation:
                url = path.format(**PARAMETERS)
                headers = {**_headers(path, world, chat), "Content-Type": "application/json"}
                answer = await caller.request(method, url, content=trickle(), headers=headers)
                assert answer.status_code == 413, (method, path, answer.status_code)


async def test_a_shoppers_body_may_be_64_kilobytes_and_no_more(world: World) -> None:
    chat = await world.begin()
    body = json.dumps({"message_id": "m1", "text": "a" * 64 * 1024})
    answer = await world.client.post(
        "/v1/chat/messages", content=body, headers={**chat, "Content-Type": "application/json"}
    )
    assert answer.status_code == 413


@pytest.mark.parametrize("bad", BAD_IDS)
async def test_no_id_breaks_any_address(world: World, bad: str) -> None:
    caller = await _admin(world)
    for path, methods in world.app.openapi()["paths"].items():
        if "{" not in path:
            continue
        for method in methods:
            target = path.replace("{", "\0").replace("}", "\0").split("\0")
            url = "".join(bad if index % 2 else part for index, part in enumerate(target))
            answer = await caller.request(method, url, headers=world.api(), json={} if method != "get" else None)
            assert _is_fine(answer), (method, url, answer.status_code, answer.text[:300])


async def test_an_unknown_field_is_named_wherever_it_is_sent(world: World) -> None:
    chat = await world.begin()
    caller = await _admin(world)
    for path, methods in world.app.openapi()["paths"].items():
        for method, operation in methods.items():
            if "application/json" not in operation.get("requestBody", {}).get("content", {}):
                continue
            headers = _headers(path, world, chat)
            answer = await caller.request(method, path.format(**PARAMETERS), json={"no_such_field": 1}, headers=headers)
            named = [error["where"] for error in answer.json().get("errors", [])]
            assert answer.status_code == 422, (method, path)
            assert "body.no_such_field" in named, (method, path, named)


@pytest.mark.parametrize("method", ["PATCH", "DELETE", "TRACE", "PUT", "NONSENSE"])
async def test_a_method_nobody_takes_is_a_problem(world: World, method: str) -> None:
    answer = await world.client.request(method, "/v1/chat/messages")
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"
    assert "GET" in answer.headers["allow"] or "POST" in answer.headers["allow"]


@pytest.mark.parametrize("path", ["/nowhere", "/v1/nowhere", "/static/nowhere.js", "/static/../app.py", "/static/"])
async def test_an_address_that_is_not_there_is_a_problem(world: World, path: str) -> None:
    answer = await world.client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("key", [b"", b"a" * 129, b"with blank", b"\xff"])
async def test_an_idempotency_key_that_cannot_be_kept_is_refused(world: World, key: bytes) -> None:
    headers = [*((name.encode(), value.encode()) for name, value in world.api().items()), (b"Idempotency-Key", key)]
    answer = await world.client.put("/v1/customers/C9", json={"customer_id": "C9"}, headers=headers)
    assert answer.status_code == 422


@pytest.mark.parametrize("value", ["\x00", "\ud800", 10**30, -(2**60), {"a": "\ud83d"}, {"x\x00": 1}, [1, ["\x00"]]])
async def test_what_no_column_can_hold_is_refused(world: World, value: object) -> None:
    order = {**encode(LATE_ORDER), "attributes": {"extra": value}}
    answer = await world.client.put(
        f"/v1/orders/{LATE_ORDER.order_no}",
        content=json.dumps(order),
        headers={**world.api(), "Content-Type": "application/json"},
    )
    assert answer.status_code == 422, answer.text
