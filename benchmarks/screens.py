"""From one screen to the other: shoppers and associates in live conversations on one machine, beside a plain FastAPI echo.

    make bench ARGS="benchmarks/screens.py --conversations 300 --agents 20"

The whole stack runs as ``tourniquet up`` starts it, with its trained Rasa. Every shopper has a socket and has asked for a
person; every associate has an account, a login and a console socket, and has claimed their share of the conversations. Each
side of a conversation writes once in 10 s: the shopper through their socket, the associate by ``POST reply``. A message is on
the screen when the other side's socket has its push. Consoles say that they are there and fetch the queue and a conversation
as the real one does. The echo relays the same frames between as many sockets, from the same client at the same rate, in the
same run, and keeps nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import httpx
import uvloop
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.machine import Machine
from benchmarks.rasa_server import ROOT, wait_for
from benchmarks.screens_talk import Speak, Tally, converse
from integrations.settings import load
from service.console import COOKIE, PATH, WRITE_HEADER, WRITE_VALUE
from service.sandbox import Sandbox, free_ports, running
from service.up import service_command, service_environment

HEARTBEAT_S = 20.0
PASSWORD = "benchmark-only-password"
AT_ONCE = 8
KEPT_S = 3.0  # below the 5 after which uvicorn closes: no connection is used while it is being closed


@dataclass(frozen=True, kw_only=True)
class Talk:
    """A conversation that is live: its two ends."""

    conversation_id: str
    token: str
    handoff_id: str
    agent: int


def client(url: str, **more: Any) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=None, keepalive_expiry=KEPT_S)
    return httpx.AsyncClient(base_url=url, timeout=60, trust_env=False, limits=limits, **more)


async def signed_in(url: str, name: str, password: str) -> httpx.AsyncClient:
    """An associate's browser."""
    browser = client(url, headers={WRITE_HEADER: WRITE_VALUE})
    (await browser.post(f"{PATH}/login", json={"name": name, "password": password})).raise_for_status()
    return browser


async def hired(stack: Sandbox, count: int, capacity: int) -> list[httpx.AsyncClient]:
    admin = await signed_in(stack.url, "admin", stack.console_password)
    async with aclosing(admin):
        for number in range(count):
            account = {"name": f"agent{number}", "password": PASSWORD, "capacity": capacity}
            (await admin.post(f"{PATH}/associates", json=account)).raise_for_status()
    return [await signed_in(stack.url, f"agent{number}", PASSWORD) for number in range(count)]


async def begun(shop: httpx.AsyncClient, browsers: list[httpx.AsyncClient], number: int) -> Talk:
    """A shopper who asked for a person, and has one."""
    conversation = (await shop.post("/v1/chat/conversations", json={})).raise_for_status().json()
    said = await shop.post(
        "/v1/chat/messages",
        json={"message_id": str(uuid4()), "text": "转人工"},
        headers={"Authorization": f"Bearer {conversation['token']}"},
    )
    if said.raise_for_status().json()["status"] != "waiting":
        raise RuntimeError(f"asking for a person did not call one: {said.text}")
    agent = number % len(browsers)
    path = f"{PATH}/conversations/{conversation['conversation_id']}"
    handoff = (await browsers[agent].get(path)).raise_for_status().json()["handoff"]["handoff_id"]
    (await browsers[agent].post(f"{PATH}/handoffs/{handoff}/claim", json={})).raise_for_status()
    return Talk(
        conversation_id=conversation["conversation_id"], token=conversation["token"], handoff_id=handoff, agent=agent
    )


async def at_a_time(count: int, one: Callable[[int], Awaitable[Talk]]) -> list[Talk]:
    room = asyncio.Semaphore(AT_ONCE)

    async def in_room(number: int) -> Talk:
        async with room:
            return await one(number)

    return list(await asyncio.gather(*map(in_room, range(count))))


async def listen(socket: ClientConnection, author: str, conversations: frozenset[str] | None, tally: Tally) -> None:
    """A screen that shows what ``author`` said, in these conversations; None for a shopper's, who has but one."""
    async for frame in socket:
        if f'"{author}"' not in str(frame):  # a console hears everything; reading it all would measure this client
            continue
        push = json.loads(frame)
        is_ours = conversations is None or push.get("conversation_id") in conversations
        if is_ours and push["type"] == "message" and push["message"]["author"] == author:
            tally.shown(push["message"]["message_id"], push["message"]["seq"])


async def console(browser: httpx.AsyncClient, socket: ClientConnection, talks: list[Talk], refetch_s: float) -> None:
    """What the page does by itself."""

    async def beats() -> None:
        while True:
            await socket.send(json.dumps({"type": "presence", "state": "online"}))
            await asyncio.sleep(HEARTBEAT_S)

    async def looks() -> None:
        while True:
            await asyncio.sleep(random.uniform(0.5, 1.5) * refetch_s)
            front = random.choice(talks).conversation_id
            answers = await asyncio.gather(browser.get(f"{PATH}/queue"), browser.get(f"{PATH}/conversations/{front}"))
            for answer in answers:
                answer.raise_for_status()

    await asyncio.gather(beats(), looks())


@asynccontextmanager
async def ours(
    stack: Sandbox, count: int, agents: int, tally: Tally, refetch_s: float
) -> AsyncIterator[dict[str, Speak]]:
    """Everybody there and listening."""
    address = stack.url.replace("http", "ws", 1)
    async with AsyncExitStack() as open_things, client(stack.url) as shop:
        browsers = await hired(stack, agents, capacity=-(-count // agents))
        for browser in browsers:
            open_things.push_async_callback(browser.aclose)
        talks = await at_a_time(count, lambda number: begun(shop, browsers, number))
        screens: list[asyncio.Task[None]] = []
        open_things.callback(lambda: [screen.cancel() for screen in screens])
        for agent, browser in enumerate(browsers):
            mine = [talk for talk in talks if talk.agent == agent]
            cookie = {"Cookie": f"{COOKIE}={browser.cookies[COOKIE]}"}
            socket = await open_things.enter_async_context(
                connect(f"{address}{PATH}/ws", additional_headers=cookie, proxy=None)
            )
            held = frozenset(talk.conversation_id for talk in mine)
            screens.append(asyncio.create_task(listen(socket, "shopper", held, tally)))
            screens.append(asyncio.create_task(console(browser, socket, mine, refetch_s)))
        pages = []
        for talk in talks:
            page = connect(f"{address}/v1/chat/ws?token={talk.token}", proxy=None)
            pages.append(await open_things.enter_async_context(page))
            screens.append(asyncio.create_task(listen(pages[-1], "associate", None, tally)))

        async def shopper(number: int, message_id: str, words: str) -> None:
            await pages[number].send(json.dumps({"type": "message", "message_id": message_id, "text": words}))

        async def agent_says(number: int, message_id: str, words: str) -> None:
            talk = talks[number]
            reply = {"message_id": message_id, "text": words}
            path = f"{PATH}/handoffs/{talk.handoff_id}/reply"
            try:
                answer = await browsers[talk.agent].post(path, json=reply)
            except httpx.TransportError:  # as the console's outbox: a lost answer is asked for again, by the same id
                answer = await browsers[talk.agent].post(path, json=reply)
            answer.raise_for_status()

        yield {"shopper": shopper, "agent": agent_says}
        ended = [screen for screen in screens if screen.done()]
        if ended:
            raise RuntimeError(f"{len(ended)} screens ended before the conversations did: {ended[0]}")


@asynccontextmanager
async def echo(url: str, count: int, agents: int, tally: Tally) -> AsyncIterator[dict[str, Speak]]:
    address = url.replace("http", "ws", 1)
    arrivals: Counter[str] = Counter()
    async with AsyncExitStack() as open_things:
        screens: list[asyncio.Task[None]] = []
        open_things.callback(lambda: [screen.cancel() for screen in screens])

        async def opened(name: str) -> ClientConnection:
            socket = await open_things.enter_async_context(connect(f"{address}/ws/{name}", proxy=None))
            screens.append(asyncio.create_task(show(socket)))
            return socket

        async def show(socket: ClientConnection) -> None:
            async for frame in socket:
                message_id = json.loads(frame)["message_id"]
                arrivals[message_id] += 1
                tally.shown(message_id, arrivals[message_id])  # it has nothing that tells lines apart

        shoppers = [await opened(f"shopper{number}") for number in range(count)]
        desks = [await opened(f"agent{number}") for number in range(agents)]

        async def send(socket: ClientConnection, to: str, message_id: str, words: str) -> None:
            await socket.send(json.dumps({"type": "message", "to": to, "message_id": message_id, "text": words}))

        yield {
            "shopper": lambda number, *said: send(shoppers[number], f"agent{number % agents}", *said),
            "agent": lambda number, *said: send(desks[number % agents], f"shopper{number}", *said),
        }


@contextmanager
def echo_server() -> Iterator[tuple[str, int]]:
    """Started as the service is, but for the application."""
    (port,) = free_ports(1)
    settings = replace(load(), host="127.0.0.1", port=port)
    command = [
        word.replace("service.app:from_environment", "benchmarks.screens_echo:create")
        for word in service_command(settings)
    ]
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, cwd=ROOT, env=dict(service_environment(settings)), stdout=quiet, stderr=quiet)
    try:
        wait_for(f"http://127.0.0.1:{port}/docs", server)
        yield f"http://127.0.0.1:{port}", server.pid
    finally:
        server.terminate()
        server.wait(timeout=30)


async def measured(given: argparse.Namespace) -> dict[str, Any]:
    size, rate = (given.conversations, given.agents), {"seconds": given.seconds, "seed": given.seed}
    with running() as stack:
        tally = Tally()
        async with ours(stack, *size, tally, given.refetch_seconds) as speaks:
            machine = Machine(stack.process.pid)
            mine = {**await converse(size[0], speaks, tally, **rate), **machine.busy()}
    print("ours:", json.dumps(mine), flush=True)
    with echo_server() as (url, pid):
        tally = Tally()
        async with echo(url, *size, tally) as speaks:
            machine = Machine(pid)
            plain = {**await converse(size[0], speaks, tally, **rate), **machine.busy()}
    return {**mine, **{f"echo_{name}": value for name, value in plain.items()}}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--conversations", type=int, default=300)
    parser.add_argument("--agents", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--refetch-seconds", type=float, default=30, help="between two looks of a console at the queue")
    parser.add_argument("--seed", type=int, default=7)
    print(json.dumps(uvloop.run(measured(parser.parse_args()))))


if __name__ == "__main__":
    main()
