"""What has to happen although nobody asks: proposals nobody answered free their budget, pictures nobody needs go."""

from __future__ import annotations

import asyncio
from datetime import datetime

from starlette.concurrency import run_in_threadpool

from retention.audit import AuditEntry
from retention.errors import IllegalMoveError, StoreBusyError
from retention.offer import Grant, GrantState
from retention.ports import Store
from service.context import Service
from service.logs import logger

EVERY_S = 60.0

log = logger(__name__)


async def run(service: Service) -> None:
    """Until cancelled. One bad round is logged and does not end the job."""
    shop = service.shop
    while True:
        try:
            expired = await run_in_threadpool(expire_overdue, shop.store, shop.clock())
            service.metrics.expired.inc(expired)
            if expired:
                log.info("offers_expired", count=expired)
            if cleared := await run_in_threadpool(service.album.clear):
                log.info("pictures_cleared", count=cleared)
        except StoreBusyError:
            log.warning("jobs_store_busy")
        except Exception:
            log.exception("jobs_failed")
        await asyncio.sleep(EVERY_S)


def expire_overdue(store: Store, now: datetime) -> int:
    """Expire every proposal past its time, each in a transaction of its own; returns how many this call expired."""
    with store.transaction() as records:
        overdue = records.ledger.overdue(now)
    return sum(_expire(store, grant, now) for grant in overdue)


def _expire(store: Store, grant: Grant, now: datetime) -> bool:
    with store.transaction() as records:
        try:
            _, moved = records.ledger.move(grant.grant_id, GrantState.EXPIRED, at=now)
        except IllegalMoveError:  # accepted or declined in this very moment
            return False
        if moved:
            records.audit.add(
                AuditEntry(
                    at=now, actor="system", act="grant_expired", subject=f"grant:{grant.grant_id}", why=grant.offer.why
                )
            )
        return moved
