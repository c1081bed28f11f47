"""The same events between several service processes, through Redis."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from redis.asyncio import ConnectionPool, Redis
from redis.exceptions import RedisError

from service.live import BACKLOG, Live
from service.logs import logger

CHANNEL = "tourniquet:live"
PAUSE_S = 1.0

log = logger(__name__)


class RedisLive(Live):
    """Everybody publishes to Redis and hears from Redis, this process included: one path, one order.

    While Redis is away events are lost, which costs a screen a moment: it reads what it missed when it asks next.
    """

    def __init__(self, redis: Redis) -> None:
        super().__init__()
        self._redis = redis
        self._outgoing: asyncio.Queue[str] = asyncio.Queue(maxsize=BACKLOG * 16)

    def publish(self, topic: str, event: str) -> None:
        if not self._outgoing.full():
            self._outgoing.put_nowait(json.dumps([topic, event]))

    def is_watched(self, topic: str) -> bool:
        """Perhaps elsewhere; nobody here can know."""
        return True

    async def send(self) -> None:
        while True:
            message = await self._outgoing.get()
            try:
                await self._redis.publish(CHANNEL, message)
            except RedisError as problem:
                log.warning("redis_away", problem=str(problem))
                await asyncio.sleep(PAUSE_S)

    async def hear(self) -> None:
        while True:
            with suppress(RedisError):
                await self._hear_until_it_breaks()
            log.warning("redis_away")
            await asyncio.sleep(PAUSE_S)

    async def _hear_until_it_breaks(self) -> None:
        async with self._redis.pubsub(ignore_subscribe_messages=True) as channel:
            await channel.subscribe(CHANNEL)
            async for message in channel.listen():
                topic, event = json.loads(message["data"])
                super().publish(topic, event)


@asynccontextmanager
async def live_events(pool: ConnectionPool | None) -> AsyncIterator[Live]:
    """Within this process, or through Redis when there is one."""
    if pool is None:
        yield Live()
        return
    live = RedisLive(Redis(connection_pool=pool))
    working = [asyncio.create_task(live.send()), asyncio.create_task(live.hear())]
    try:
        yield live
    finally:
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)


@asynccontextmanager
async def connections(redis_url: str | None) -> AsyncIterator[ConnectionPool | None]:
    """The connections to Redis that everything in this process shares; None without a Redis."""
    if redis_url is None:
        yield None
        return
    pool = ConnectionPool.from_url(redis_url)
    try:
        yield pool
    finally:
        await pool.disconnect()
