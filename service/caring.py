"""Interception that starts on its own: what has news is scored, and what is in danger is cared for, until cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool

from integrations.wiring import Shop
from retention.errors import StoreBusyError
from service.broadcast import Broadcast
from service.logs import logger
from service.metrics import Metrics
from service.reaching_out import Acted, ReachingOut
from service.rescoring import Rescorer

EVERY_S = 1.0

log = logger(__name__)


class Caring:
    """``wake`` is called when a message may wait for its platform."""

    def __init__(self, shop: Shop, broadcast: Broadcast, wake: Callable[[], None], metrics: Metrics) -> None:
        self._rescorer = Rescorer(shop)
        self._reaching = ReachingOut(shop)
        self._broadcast = broadcast
        self._wake = wake
        self._metrics = metrics
        self._at_it = asyncio.Lock()

    async def run(self) -> None:
        """One bad round is logged and does not end it."""
        while True:
            done = 0
            try:
                done = await self.round()
            except StoreBusyError:
                log.warning("caring_store_busy")
            except Exception:
                log.exception("caring_failed")
            if not done:
                await asyncio.sleep(EVERY_S)

    async def round(self) -> int:
        """Score one batch and act on what is due; how much there was of both. Raises StoreBusyError."""
        async with self._at_it:
            return await self._round()

    async def _round(self) -> int:
        scored = await run_in_threadpool(self._rescorer.round)
        self._metrics.rescored.inc(scored)
        due = await run_in_threadpool(self._reaching.due)
        for outreach_id in due:
            await self._act(outreach_id)
        return scored + len(due)

    async def _act(self, outreach_id: str) -> None:
        try:
            acted = await run_in_threadpool(self._reaching.act, outreach_id)
        except StoreBusyError:
            raise
        except Exception:  # of one order; it must not be in the way of the others
            log.exception("outreach_failed", outreach_id=outreach_id)
            acted = await run_in_threadpool(self._reaching.put_off, outreach_id)
        if acted is None:
            return
        self._tell(acted)
        outreach = acted.outreach
        self._metrics.outreaches.labels(outreach.state.value).inc()
        log.info("outreach", outreach_id=outreach_id, state=outreach.state.value, why=outreach.why)

    def _tell(self, acted: Acted) -> None:
        if acted.conversation is not None and acted.message is not None:
            self._broadcast.message(acted.conversation, acted.message)
            self._wake()
        if acted.task is not None:
            self._broadcast.tasks()
