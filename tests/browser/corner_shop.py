"""A shop of a test's own, with hours, patience and a clock as the test wants them.

The service, its store and its screens are the real ones; only the bot's ear is a stand-in, so a start takes a moment.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import httpx
import uvicorn

from retention.ports import Clock
from retention.staffing import Staffing
from service.founding import found
from service.training import SEED
from tests.http.world import PASSWORD, World, in_a_file, opened
from tests.unit.counter import STAFFING
from twin.demo import install
from twin.world import History

START_S = 60.0


@dataclass(frozen=True, kw_only=True)
class CornerShop:
    url: str
    world: World
    console_password: str = PASSWORD

    def handoff(self, conversation_id: str) -> str:
        """The id of the open one."""
        with self.world.store.transaction() as records:
            handoff = records.handoffs.open_of(conversation_id)
        assert handoff is not None
        return handoff.handoff_id

    @contextmanager
    def associate(self, name: str) -> Iterator[httpx.Client]:
        """At the desk, over the console's API."""
        with httpx.Client(base_url=f"{self.url}/console/api/", trust_env=False, timeout=60) as client:
            client.headers["X-Requested-With"] = "tourniquet"
            client.post("login", json={"name": name, "password": PASSWORD}).raise_for_status()
            client.post("presence", json={"state": "online"}).raise_for_status()
            yield client


def real_now() -> datetime:
    return datetime.now(timezone.utc)


@contextmanager
def corner_shop(home: Path, *, staffing: Staffing = STAFFING, clock: Clock = real_now) -> Iterator[CornerShop]:
    """Open until the block ends. The browser's clock goes on by itself, so ``clock`` begins about now."""
    up, closing = threading.Event(), threading.Event()
    opening: list[CornerShop] = []

    async def trade() -> None:
        async with opened(home, store=in_a_file(home), clock=clock, staffing=staffing) as world:
            found(world.shop)
            past = History(seed=SEED, now=clock(), customers=(), orders=(), market_events={}, promotions=())
            install(world.store, seed=SEED, now=clock(), progress=lambda words, done: None, history=past)
            config = uvicorn.Config(world.app, port=0, lifespan="off", log_config=None, timeout_graceful_shutdown=1)
            server = uvicorn.Server(config)
            serving = asyncio.create_task(server.serve())
            while not server.started:
                await asyncio.sleep(0)
            port = server.servers[0].sockets[0].getsockname()[1]
            opening.append(CornerShop(url=f"http://127.0.0.1:{port}", world=world))
            up.set()
            await asyncio.to_thread(closing.wait)
            server.should_exit = True
            await serving

    thread = threading.Thread(target=lambda: asyncio.run(trade()), daemon=True)
    thread.start()
    assert up.wait(START_S), "the shop did not open"
    try:
        yield opening[0]
    finally:
        closing.set()
        thread.join(START_S)
