"""What offers changed, counted once for all who ask within some minutes: it takes reading every decision there is."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.concurrency import run_in_threadpool

from compensation.lift_report import LiftReport
from integrations.wiring import Shop
from service.experiments import lifts_of

FRESH = timedelta(minutes=10)
"""Orders are settled days after the decision: ten minutes change nothing."""


@dataclass(frozen=True, kw_only=True)
class Found:
    at: datetime
    lifts: tuple[LiftReport, ...]


class Findings:
    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._lock = asyncio.Lock()
        self._found: Found | None = None

    async def latest(self) -> Found:
        """At most ``FRESH`` old. Raises StoreBusyError."""
        async with self._lock:
            now = self._shop.clock()
            if self._found is None or now - self._found.at > FRESH:
                self._found = Found(at=now, lifts=await run_in_threadpool(lifts_of, self._shop.store))
            return self._found
