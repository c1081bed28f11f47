"""WebSockets, through a real server on a port of its own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.websockets import WebSocket
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from service.live import CONSOLE, conversation_topic
from tests.http.world import World, opened

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def served(home: Path) -> AsyncIterator[tuple[World, str]]:
    """The world with its application also on a port, and the address of its sockets."""
    async with opened(home) as world:
        config = uvicorn.Config(world.app, port=0, lifespan="off", log_config=None, ws="websockets-sansio")
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield world, f"ws://127.0.0.1:{port}"
        server.should_exit = True
        await serving


async def test_a_page_hears_everything_that_is_said_in_its_conversation(tmp_path: Path) -> None:
    async with served(tmp_path) as (world, address):
        headers = await world.begin()
        async with connect(f"{address}/v1/chat/ws?token={_token(headers)}") as page:
            await world.say(headers, "物流太慢了，我要取消")
            pushes = await _until(page, lambda push: push.get("message", {}).get("offer"))
        assert [push["type"] for push in pushes] == ["message", "typing", "message"]
        assert [push["message"]["seq"] for push in pushes if push["type"] == "message"] == [1, 2]
        assert pushes[0]["message"]["author"] == "shopper"


async def test_a_socket_that_opens_already_hears_what_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with served(tmp_path) as (world, address):
        headers = await world.begin()
        topics = (conversation_topic(world.conversation_of(headers)), CONSOLE)
        heard_at_opening = []

        async def accept(self: WebSocket, *args: Any, real: Any = WebSocket.accept) -> None:
            heard_at_opening.append([world.service.live.is_watched(topic) for topic in topics])
            await real(self, *args)

        monkeypatch.setattr(WebSocket, "accept", accept)
        async with connect(f"{address}/v1/chat/ws?token={_token(headers)}"):
            pass
        async with connect(f"{address}/console/api/ws", **_cookie(world)):
            pass
    (shopper, _), (_, console) = heard_at_opening
    assert shopper
    assert console


async def test_a_message_sent_through_the_socket_is_acknowledged_with_what_was_heard(tmp_path: Path) -> None:
    async with served(tmp_path) as (world, address):
        headers = await world.begin()
        async with connect(f"{address}/v1/chat/ws?token={_token(headers)}") as page:
            await page.send(json.dumps({"type": "message", "message_id": "m1", "text": "你好"}))
            pushes = await _until(page, lambda push: push["type"] == "ack")
        ack = pushes[-1]
        assert (ack["message_id"], ack["status"], ack["turn"]["intent"]) == ("m1", "bot", "greet")
        assert len(world.rasa.turns) == 1


@pytest.mark.parametrize(
    "frame",
    ["", "{", "[]", "null", '{"type": "shout"}', '{"type": "message"}', '{"type": "ping", "x": 1}', "😀", "[" * 9_000],
)
async def test_a_frame_nobody_understands_is_answered_and_the_socket_lives_on(tmp_path: Path, frame: str) -> None:
    async with served(tmp_path) as (world, address):
        async with connect(f"{address}/v1/chat/ws?token={_token(await world.begin())}") as page:
            await page.send(frame)
            refused = json.loads(await page.recv())
            await page.send('{"type": "ping"}')
            alive = json.loads(await page.recv())
        assert (refused["type"], refused["problem"]["status"]) == ("problem", 422)
        assert alive == {"type": "pong"}


async def test_a_command_through_the_socket_is_refused_as_over_http(tmp_path: Path) -> None:
    async with served(tmp_path) as (world, address):
        async with connect(f"{address}/v1/chat/ws?token={_token(await world.begin())}") as page:
            await page.send(json.dumps({"type": "message", "message_id": "m1", "text": "/restart"}))
            refused = json.loads(await page.recv())
        assert refused["message_id"] == "m1"
        assert refused["problem"]["type"] == "urn:tourniquet:problem:control_text"


@pytest.mark.parametrize("path", ["/v1/chat/ws", "/v1/chat/ws?token=nonsense", "/console/api/ws"])
async def test_a_socket_without_a_token_is_closed(tmp_path: Path, path: str) -> None:
    async with served(tmp_path) as (_, address), connect(address + path) as page:
        with pytest.raises(ConnectionClosed) as closed:
            await page.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4401


async def test_a_console_of_another_origin_is_closed_although_it_has_the_cookie(tmp_path: Path) -> None:
    async with served(tmp_path) as (world, address):
        foreign = {**_cookie(world), "origin": "https://evil.example"}
        async with connect(f"{address}/console/api/ws", **foreign) as page:
            with pytest.raises(ConnectionClosed):
                await page.recv()


async def test_an_associate_and_a_shopper_talk_and_both_screens_follow(tmp_path: Path) -> None:
    async with served(tmp_path) as (world, address):
        headers = await world.begin()
        async with (
            connect(f"{address}/v1/chat/ws?token={_token(headers)}") as page,
            connect(f"{address}/console/api/ws", **_cookie(world)) as screen,
        ):
            await world.say(headers, "转人工", "m1")
            waiting = await _until(screen, lambda push: push["type"] == "queue")
            assert "waiting" in [push.get("status") for push in waiting]
            await _until_status(page, "waiting")
            console = await world.log_in("小王")
            row = (await console.get("/console/api/queue")).json()["handoffs"][0]
            await console.post(f"/console/api/handoffs/{row['handoff_id']}/claim", json={})
            await _until_status(page, "human")
            await console.post(
                f"/console/api/handoffs/{row['handoff_id']}/reply", json={"message_id": "a1", "text": "您好，我是小王"}
            )
            heard = await _until(page, lambda push: push.get("message", {}).get("author") == "associate")
            assert heard[-1]["message"]["text"] == "您好，我是小王"
            await world.say(headers, "物流太慢", "m2")
            seen = await _until(screen, lambda push: "hearing" in push.get("message", {}) and _is(push, "m2"))
            assert seen[-1]["message"]["hearing"]["emotion_words"] == "生气"
            assert seen[-1]["conversation_id"] == world.conversation_of(headers)


async def test_shopper_and_associate_see_each_other_write_and_nobody_else_is_announced(tmp_path: Path) -> None:
    async with served(tmp_path) as (world, address):
        headers = await world.begin()
        conversation_id = world.conversation_of(headers)
        await world.say(headers, "我要找真人客服")
        holder = await world.log_in("小林")
        handoff_id = (await holder.get("/console/api/queue")).json()["handoffs"][0]["handoff_id"]
        await holder.post(f"/console/api/handoffs/{handoff_id}/claim", json={})
        cookie = {"Cookie": f"tourniquet_console={holder.cookies['tourniquet_console']}"}
        sign = json.dumps({"type": "typing", "conversation_id": conversation_id})
        async with (
            connect(f"{address}/v1/chat/ws?token={_token(headers)}") as page,
            connect(f"{address}/console/api/ws", additional_headers=cookie) as desk,
        ):
            await page.send('{"type": "typing"}')
            seen = await _until(desk, lambda push: push["type"] == "typing")
            assert seen == [{"type": "typing", "author": "shopper", "conversation_id": conversation_id}]
            await world.service.typing_signs.hear("小周", sign)
            await world.service.typing_signs.hear("小林", '{"type": "typing"}')
            await _settled(page)
            await desk.send(sign)
            heard = await _until(page, lambda push: push["type"] == "typing")
            assert heard == [{"type": "typing", "author": "associate"}]


async def test_a_waiting_shopper_is_pushed_their_new_place(tmp_path: Path) -> None:
    async with served(tmp_path) as (world, address):
        first, second = await world.begin(), await world.begin()
        await world.say(first, "充电的时候起火了")
        async with connect(f"{address}/v1/chat/ws?token={_token(second)}") as page:
            await world.say(second, "转人工")
            behind = await _until(page, lambda push: push["type"] == "queue")
            assert (await world.client.delete("/v1/chat/handoff", headers=first)).status_code == 204
            ahead = await _until(page, lambda push: push["type"] == "queue")
        assert behind[-1]["position"] == 2
        assert ahead[-1] == {"type": "queue", "position": 1, "expected_wait_s": None}


@pytest.mark.parametrize("frame", ["", "[]", '{"type": "presence"}', '{"type": "presence", "state": "dead"}', "😀"])
async def test_a_console_says_over_its_socket_that_somebody_is_there_and_nonsense_does_no_harm(
    tmp_path: Path, frame: str
) -> None:
    async with served(tmp_path) as (world, address):
        async with connect(f"{address}/console/api/ws", **_cookie(world)) as screen:
            await screen.send(frame)
            await screen.send(json.dumps({"type": "presence", "state": "online"}))
            await _until(screen, lambda push: push["type"] == "staff")
        console = await world.log_in("小王")
        staff = (await console.get("/console/api/staff")).json()["associates"]
        assert [(one["name"], one["state"]) for one in staff] == [("小王", "online")]


def _token(headers: Mapping[str, str]) -> str:
    return headers["Authorization"].removeprefix("Bearer ")


def _cookie(world: World) -> dict[str, Any]:
    [(cookie, token)] = world.cookie("小王").items()
    return {"additional_headers": {"Cookie": f"{cookie}={token}"}}


def _is(push: Mapping[str, Any], message_id: str) -> bool:
    return bool(push["message"]["message_id"] == message_id)


async def _settled(page: ClientConnection) -> None:
    """The server listens to this page from here on."""
    await page.send('{"type": "ping"}')
    assert json.loads(await page.recv()) == {"type": "pong"}


async def _until(page: ClientConnection, wanted: Any) -> list[dict[str, Any]]:
    seen: list[dict[str, Any]] = []
    async with asyncio.timeout(10):
        while not seen or not wanted(seen[-1]):
            seen.append(json.loads(await page.recv()))
    return seen


async def _until_status(page: ClientConnection, status: str) -> list[dict[str, Any]]:
    return await _until(page, lambda push: push.get("status") == status)
