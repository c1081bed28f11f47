"""How often one caller may ask: per conversation, per address, per API key. Redis keeps the counts when there is one."""

from __future__ import annotations

import math
import time
from typing import Any

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import StorageError
from redis.asyncio import ConnectionPool

from integrations.settings import Limits
from service.logs import logger
from service.problems import ProblemError, general

log = logger(__name__)


class Limiter:
    """Each method counts one request and raises ProblemError 429 with Retry-After when it is one too many."""

    def __init__(self, limits: Limits, redis: ConnectionPool | None = None) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage() if redis is None else _in_redis(redis))
        self._messages = parse(limits.messages)
        self._reads = parse(limits.reads)
        self._conversations = parse(limits.conversations)
        self._logins = parse(limits.logins)
        self._account_logins = parse(limits.account_logins)
        self._calls = parse(limits.calls)

    async def message(self, conversation_id: str) -> None:
        await self._count(self._messages, "/v1/chat", "message", conversation_id)

    async def read(self, conversation_id: str) -> None:
        await self._count(self._reads, "/v1/chat", "read", conversation_id)

    async def conversation(self, address: str) -> None:
        await self._count(self._conversations, "/v1/chat", "conversation", address)

    async def login(self, address: str, name: str) -> None:
        """Both: one address tries many names, and many addresses try one."""
        await self._count(self._logins, "/console", "login", address)
        await self.password(name)

    async def password(self, name: str) -> None:
        """A guess at one account's password."""
        await self._count(self._account_logins, "/console", "password", name)

    async def call(self, owner: str, *, calls: int = 1) -> None:
        """``calls``: as how many it counts."""
        await self._count(self._calls, "/v1", "call", owner, cost=calls)

    async def _count(self, limit: RateLimitItem, path: str, *who: str, cost: int = 1) -> None:
        try:
            if await self._limiter.hit(limit, *who, cost=cost):
                return
            reset_at = (await self._limiter.get_window_stats(limit, *who)).reset_time
        except StorageError as problem:  # nobody is locked out because nobody can count
            log.warning("limits_not_counted", problem=str(problem.storage_error))
            return
        wait_s = max(1, math.ceil(reset_at - time.time()))
        raise ProblemError.of(general(429, path, headers={"Retry-After": str(wait_s)}))


def _in_redis(pool: ConnectionPool) -> RedisStorage:
    options: dict[str, Any] = {"connection_pool": pool}
    return RedisStorage("async+redis://", wrap_exceptions=True, implementation="redispy", **options)
