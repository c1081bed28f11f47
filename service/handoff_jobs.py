"""The queue looks after itself: a sweep every few seconds, and as soon as something in it changes."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.concurrency import run_in_threadpool

from integrations.wiring import Shop
from retention.assignment import seats
from retention.errors import StoreBusyError
from retention.handoff import HandoffState
from retention.place import EVERYBODY
from retention.presence import PresenceState
from retention.task import TaskState
from service.context import Service
from service.logs import logger

EVERY_S = 3.0
SETTLE_S = 0.2
"""Changes come in bursts: one sweep serves them all."""

log = logger(__name__)


async def run(service: Service) -> None:
    """Until cancelled. One bad round is logged and does not end the job."""
    changed = service.broadcast.changed
    while True:
        with suppress(TimeoutError):
            async with asyncio.timeout(EVERY_S):
                await changed.wait()
                await asyncio.sleep(SETTLE_S)
        changed.clear()
        try:
            await service.associates.sweep()
            await service.waiting_room.refresh()
            service.metrics.queue(**await run_in_threadpool(counts, service.shop))
        except StoreBusyError:
            log.warning("jobs_store_busy")
        except Exception:
            log.exception("jobs_failed")


def counts(shop: Shop) -> dict[str, int]:
    with shop.store.transaction() as records:
        at_desk = seats(records, shop.staffing, shop.clock())
        return {
            "waiting": len(records.handoffs.listed(frozenset({HandoffState.WAITING}), limit=EVERYBODY)),
            "claimed": len(records.handoffs.listed(frozenset({HandoffState.CLAIMED}), limit=EVERYBODY)),
            "online": sum(seat.state is PresenceState.ONLINE for seat in at_desk),
            "tasks": len(records.tasks.listed(TaskState.OPEN, limit=EVERYBODY)),
        }
