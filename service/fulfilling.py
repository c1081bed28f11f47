"""What was granted reaches the order system: a round twice a second, several at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from starlette.concurrency import run_in_threadpool

from integrations.wiring import Shop
from retention.errors import StoreBusyError
from retention.fulfilment import Fulfilment, FulfilmentState
from service.logs import logger
from service.metrics import Metrics

EVERY_S = 0.5
AT_ONCE = 8
"""So many threads wait for the order system at most."""

T = TypeVar("T")
log = logger(__name__)


class Fulfilling:
    def __init__(self, shop: Shop, metrics: Metrics) -> None:
        self._fulfiller = shop.fulfiller
        self._metrics = metrics

    async def run(self) -> None:
        """Until cancelled. One bad round is logged and does not end the job."""
        while True:
            try:
                while await self.round() == AT_ONCE:
                    pass
            except StoreBusyError:
                log.warning("fulfilling_store_busy")
            except Exception:
                log.exception("fulfilling_failed")
            await asyncio.sleep(EVERY_S)

    async def round(self) -> int:
        """Attempt what is due, a handful at a time; returns how many were."""
        due = await _to_the_end(lambda: self._fulfiller.due(limit=AT_ONCE))
        await asyncio.gather(*(self._attempt(one) for one in due))
        return len(due)

    async def _attempt(self, due: Fulfilment) -> None:
        try:
            after = await _to_the_end(lambda: self._fulfiller.attempt(due))
        except StoreBusyError:  # nothing is lost: its lease runs out
            log.warning("fulfilling_store_busy")
            return
        if after is None:
            return
        ended = "failed" if after.state is FulfilmentState.PENDING else after.state.value
        self._metrics.fulfilments.labels(after.act.value, ended).inc()
        if after.error:
            log.warning(
                "not_fulfilled",
                grant_id=after.grant_id,
                act=after.act.value,
                attempts=after.attempts,
                problem=after.error,
                ended=ended,
            )


async def _to_the_end(work: Callable[[], T]) -> T:
    """In a thread. One that is cancelled waits for the thread: the store is not closed under it."""
    running = asyncio.ensure_future(run_in_threadpool(work))
    try:
        return await asyncio.shield(running)
    finally:
        await asyncio.wait([running])
