"""How an official account holds out: duplicates, reordering, replays and forged deliveries, while Rasa takes 8 seconds.

    make bench ARGS="benchmarks/wechat.py --deliveries 100000"

The service runs in a process of its own, on SQLite, with a real HTTP socket. This process plays the platform (deliveries,
customer-service messages, access tokens) and Rasa. Every message is delivered until it is acknowledged, some are delivered again
on top, some out of order, and some are sent by somebody else: with a forged signature, with an old timestamp, with a nonce that
was used for another message. ``late`` counts deliveries that were not answered within the platform's 5 seconds; ``p95_ms`` is of
all deliveries. There is nothing to compare with: the platform's rules are the measure.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx
import uvicorn
import yaml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from integrations import settings
from integrations.channels import envelope, xml
from integrations.channels.accounts import FILE
from integrations.codec import encode
from integrations.rasa import IDLE_SECONDS, Rasa
from integrations.settings import Settings
from integrations.store.engine import open_store
from integrations.store.migration import migrate
from integrations.wiring import ROOT, assemble
from retention.hearing import Hearing
from service import logs
from service.app import create_app

APP_ID, TOKEN = "wxbenchmark", "benchmark-token"
RASA_S, LONGEST_TURN_S = 8.0, 30.0
LIMIT_S = 5.0
MESSAGES_EACH = 4
AGAIN, FORGED, STALE, REPLAYED = 0.15, 0.05, 0.05, 0.05
HEARING = encode(Hearing(intent="greet", confidence=0.99))
PATIENCE_S = 60.0
LANES = 32


@dataclass
class Tally:
    """What the platform saw."""

    answers: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    direct: dict[str, set[str]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    turns: Counter[str] = field(default_factory=Counter)


class World:
    """The platform's API and Rasa, on one port. An answer repeats the words it answers, so that each is told apart."""

    def __init__(self, rasa_s: float) -> None:
        self.tally = Tally()
        self._rasa_s = rasa_s
        self.app = Starlette(
            routes=[
                Route("/cgi-bin/stable_token", self._token, methods=["POST"]),
                Route("/cgi-bin/message/custom/send", self._send, methods=["POST"]),
                Route("/webhooks/gateway/turns", self._turn, methods=["POST"]),
                Route("/webhooks/gateway/hear", self._turn, methods=["POST"]),
                Route("/webhooks/gateway/health", self._health),
            ]
        )

    async def _token(self, _: Request) -> Response:
        return JSONResponse({"access_token": "T", "expires_in": 7200})

    async def _send(self, request: Request) -> Response:
        self.tally.answers[(await request.json())["text"]["content"]] += 1
        return JSONResponse({"errcode": 0, "errmsg": "ok"})

    async def _turn(self, request: Request) -> Response:
        text = (await request.json())["text"]
        self.tally.turns[text] += 1
        await asyncio.sleep(self._rasa_s)
        return JSONResponse({"replies": [{"text": f"答{text}", "buttons": []}], "hearing": HEARING})

    async def _health(self, _: Request) -> Response:
        return JSONResponse({"status": "ok"})


@asynccontextmanager
async def served(app: Starlette) -> AsyncIterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="off", log_level="error", loop="uvloop"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving


def serve(port: int) -> None:
    """The service of the other process: as shipped, but it waits longer for Rasa than it would for a shopper's sake."""
    logs.configure()
    chosen = settings.load()
    migrate(chosen.database_url)
    shop = assemble(chosen, open_store(chosen.database_url), connect_rasa=lambda: _patient(chosen))
    uvicorn.run(create_app(shop), port=port, log_config=None, access_log=False, loop="uvloop", http="httptools")


def _patient(chosen: Settings) -> Rasa:
    return Rasa(chosen.rasa_url, chosen.secrets.rasa_secret, turn_seconds=LONGEST_TURN_S, transport=Lanes())


class Lanes(httpx.AsyncBaseTransport):
    """Hundreds of requests at once in pools of a few each: one pool looks at all its connections at every request."""

    def __init__(self) -> None:
        limits = httpx.Limits(max_connections=None, keepalive_expiry=IDLE_SECONDS)
        self._lanes = [httpx.AsyncHTTPTransport(limits=limits) for _ in range(LANES)]
        self._next = cycle(self._lanes)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await next(self._next).handle_async_request(request)

    async def aclose(self) -> None:
        for lane in self._lanes:
            await lane.aclose()


@asynccontextmanager
async def service(home: Path, world_url: str) -> AsyncIterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    account = {"kind": "wechat", "app_id": APP_ID, "token": TOKEN, "secret": "s", "api": world_url}
    (home / FILE).write_text(yaml.safe_dump([account]), encoding="utf-8")
    environ = {**os.environ, "TOURNIQUET_HOME": str(home), "TOURNIQUET_RASA_URL": world_url, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "benchmarks.wechat", "--serve", str(port)]
    with (home / "log").open("wb") as log, subprocess.Popen(command, env=environ, cwd=ROOT, stderr=log) as process:
        try:
            await _until_up(process, port, home / "log")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


async def _until_up(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        for _ in range(600):
            if process.poll() is not None:
                raise RuntimeError(f"the service ended:\n{log.read_text(errors='replace')[-2000:]}")
            try:
                await client.get(f"http://127.0.0.1:{port}/healthz")
            except httpx.HTTPError:
                await asyncio.sleep(0.1)
            else:
                return
    raise RuntimeError("the service does not come up")


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """One delivery. ``refused``: what it must be refused as, empty for an honest one."""

    number: int
    refused: str = ""


def deliveries(honest: int, dice: random.Random) -> list[Parcel]:
    """Messages with what is delivered again, out of order, and what somebody else sends."""
    parcels: list[Parcel] = []
    for number in range(honest):
        parcels.append(Parcel(number=number))
        for chance, kind in ((AGAIN, ""), (FORGED, "forged"), (STALE, "stale"), (REPLAYED, "replayed")):
            if dice.random() < chance:
                parcels.append(Parcel(number=number, refused=kind))
    place = {index: index + dice.uniform(0, 20) for index in range(len(parcels))}
    return [parcels[index] for index in sorted(place, key=lambda index: place[index])]


class Platform:
    def __init__(self, client: httpx.AsyncClient, tally: Tally, total: int) -> None:
        self._client = client
        self._tally = tally
        self._total = total
        self._used: dict[int, dict[str, str]] = {}

    async def deliver(self, parcel: Parcel) -> None:
        """Up to three times, as the platform does when it is not answered in time; a stranger tries once."""
        for _ in range(1 if parcel.refused else 3):
            started = time.perf_counter()
            answer = await self._post(parcel)
            taken = time.perf_counter() - started
            if not parcel.refused:
                self._tally.seconds.append(taken)
            if answer is not None and self._is_done(parcel, answer) and taken <= LIMIT_S:
                if not parcel.refused:
                    self._used[parcel.number] = dict(answer.request.url.params)
                return

    async def _post(self, parcel: Parcel) -> httpx.Response | None:
        now, number = int(datetime.now(timezone.utc).timestamp()), parcel.number
        said = number if parcel.refused != "replayed" else number + self._total
        body = xml.write(
            {
                "ToUserName": "gh_shop",
                "FromUserName": f"o{number // MESSAGES_EACH}",
                "CreateTime": now,
                "MsgType": "text",
                "Content": _words(said),
                "MsgId": str(10**9 + said),
            }
        )
        try:
            return await self._client.post(
                f"/v1/channels/wechat/{APP_ID}", content=body, params=self._query(parcel, now)
            )
        except httpx.HTTPError:
            return None

    def _query(self, parcel: Parcel, now: int) -> dict[str, str]:
        if parcel.refused == "replayed" and parcel.number in self._used:
            return self._used[parcel.number]
        timestamp = str(now - 600 if parcel.refused == "stale" else now)
        nonce = os.urandom(8).hex()
        token = "guessed" if parcel.refused in ("forged", "replayed") else TOKEN
        return {"timestamp": timestamp, "nonce": nonce, "signature": envelope.signature(token, timestamp, nonce)}

    def _is_done(self, parcel: Parcel, answer: httpx.Response) -> bool:
        if parcel.refused:
            self._tally.refused[f"{parcel.refused}:{answer.status_code == httpx.codes.FORBIDDEN}"] += 1
            return True
        if answer.status_code != httpx.codes.OK:
            return False
        if answer.text != "success":
            self._tally.direct.setdefault(xml.read(answer.content)["Content"], set()).add("direct")
        return True


def _words(number: int) -> str:
    return f"第{number}号您好"


async def play(count: int, per_second: float, rasa_s: float, seed: int) -> dict[str, Any]:
    dice = random.Random(seed)
    honest = round(count / (1 + AGAIN + FORGED + STALE + REPLAYED))
    world = World(rasa_s)
    with tempfile.TemporaryDirectory(prefix="tq-wechat-") as folder:
        async with (
            served(world.app) as world_url,
            service(Path(folder), world_url) as url,
            httpx.AsyncClient(base_url=url, timeout=30, trust_env=False, transport=Lanes()) as client,
        ):
            platform = Platform(client, world.tally, honest)
            started, tasks = time.perf_counter(), []
            parcels = deliveries(honest, dice)
            for index, parcel in enumerate(parcels):
                await asyncio.sleep(max(0.0, started + index / per_second - time.perf_counter()))
                tasks.append(asyncio.create_task(platform.deliver(parcel)))
            await asyncio.gather(*tasks)
            await _settled(world.tally, honest)
            took = time.perf_counter() - started
    return {**figures(world.tally, honest), "n": len(parcels), "seconds": round(took)}


async def _settled(tally: Tally, honest: int) -> None:
    """Until every message is answered, or for a while nothing more comes."""
    last, since = -1, time.perf_counter()
    while len(tally.answers) + len(tally.direct) < honest and time.perf_counter() - since < PATIENCE_S:
        if len(tally.answers) != last:
            last, since = len(tally.answers), time.perf_counter()
        await asyncio.sleep(0.5)
    await asyncio.sleep(3)  # what would come twice comes now


def figures(tally: Tally, honest: int) -> dict[str, Any]:
    wanted = {f"答{_words(number)}" for number in range(honest)}
    times = {text: tally.answers[text] + len(tally.direct.get(text, ())) for text in wanted}
    strangers = [text for text in (*tally.answers, *tally.direct) if text not in wanted]
    ordered = sorted(tally.seconds)
    return {
        "messages": honest,
        "handled_once": sum(number == 1 for number in times.values()),
        "doubled": sum(number > 1 for number in times.values()),
        "lost": sum(number == 0 for number in times.values()),
        "answers_to_strangers": len(strangers),
        "turns_doubled": sum(number > 1 for number in tally.turns.values()),
        "forged_refused": _share(tally, "forged"),
        "stale_refused": _share(tally, "stale"),
        "replayed_refused": _share(tally, "replayed"),
        "late": sum(taken > LIMIT_S for taken in ordered),
        "p95_ms": round(ordered[int(len(ordered) * 0.95)] * 1000),
    }


def _share(tally: Tally, kind: str) -> float:
    refused, let_in = tally.refused[f"{kind}:True"], tally.refused[f"{kind}:False"]
    return round(refused / max(1, refused + let_in), 4)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--deliveries", type=int, default=100_000)
    parser.add_argument("--per-second", type=float, default=40.0)
    parser.add_argument("--rasa-seconds", type=float, default=RASA_S)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve)
        return
    print(json.dumps(asyncio.run(play(given.deliveries, given.per_second, given.rasa_seconds, given.seed))))


if __name__ == "__main__":
    main()
