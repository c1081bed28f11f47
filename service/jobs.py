"""What has to happen although nobody asks: proposals nobody answered free their budget, messages reach their platforms, old
post is forgotten, pictures nobody needs go, saves are settled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from starlette.concurrency import run_in_threadpool

from integrations.live_file import LiveFile
from retention.audit import AuditEntry
from retention.errors import IllegalMoveError, StoreBusyError
from retention.offer import Grant, GrantState
from retention.ports import Store
from service.context import Service
from service.dispatching import forget_sent
from service.learning_effects import learn
from service.logs import logger
from service.pacing import keep_pace
from service.risk_watch import SCORINGS_KEPT
from service.settling import settle_due

EVERY_S = 60.0
ROWS_EVERY_S = 2.0
RISK_EVERY_S = 5.0
WATCH_EVERY_S = 3600.0
LEARN_EVERY_S = 3600.0
PACE_EVERY_S = 10.0
CHANNELS_EVERY_S = 5.0
SETTLE_EVERY_S = 600.0
KEPT = timedelta(hours=24)
"""How long it is remembered that something was delivered, so that it is not dealt with twice."""

log = logger(__name__)


async def run(service: Service) -> None:
    """Until cancelled. One bad round is logged and does not end a job."""
    async with asyncio.TaskGroup() as jobs:
        jobs.create_task(_again(_expire_and_purge, service, EVERY_S))
        jobs.create_task(_again(_refresh_rows, service, ROWS_EVERY_S))
        jobs.create_task(_again(_refresh_risk, service, RISK_EVERY_S))
        jobs.create_task(_again(_watch_risk, service, WATCH_EVERY_S))
        jobs.create_task(_again(_settle, service, SETTLE_EVERY_S))
        jobs.create_task(_again(_keep_pace, service, PACE_EVERY_S))
        jobs.create_task(_again(_learn, service, LEARN_EVERY_S))
        if service.channels.any:
            jobs.create_task(service.posting.run())
            jobs.create_task(_again(_keep_up, service, CHANNELS_EVERY_S))


async def _again(job: Callable[[Service], Awaitable[None]], service: Service, every_s: float) -> None:
    while True:
        try:
            await job(service)
        except StoreBusyError:
            log.warning("jobs_store_busy")
        except Exception:
            log.exception("jobs_failed")
        await asyncio.sleep(every_s)


async def _expire_and_purge(service: Service) -> None:
    store, now = service.shop.store, service.shop.clock()
    expired = await run_in_threadpool(expire_overdue, store, now)
    service.metrics.expired.inc(expired)
    if expired:
        log.info("offers_expired", count=expired)
    await run_in_threadpool(forget_sent, service.shop)
    await run_in_threadpool(forget_ties, store, now - service.shop.guard.window)
    if cleared := await run_in_threadpool(service.album.clear):
        log.info("pictures_cleared", count=cleared)
    if service.channels.any:
        await run_in_threadpool(forget_deliveries, store, now - KEPT)


async def _refresh_rows(service: Service) -> None:
    """What the shop saved is live in every process, seconds later."""
    await _refresh("catalog", service.shop.catalog)
    await _refresh("interception", service.shop.interception)
    await _refresh("guard", service.shop.guarding)


async def _refresh(name: str, live: LiveFile) -> None:
    before = live.problem
    if await run_in_threadpool(live.refresh):
        log.info(f"{name}_loaded", version=live.version)
    if live.problem is not None and live.problem != before:
        log.warning(f"{name}_refused", problem=live.problem)


async def _refresh_risk(service: Service) -> None:
    """A model put live serves in every process of this home, seconds later."""
    risk, before = service.shop.risk, service.shop.risk.problem
    if await run_in_threadpool(risk.refresh):
        log.info("risk_model_loaded", version=risk.version)
    if risk.problem is not None and risk.problem != before:
        log.warning("risk_model_refused", problem=risk.problem)


async def _watch_risk(service: Service) -> None:
    service.metrics.risk(await service.risk_watch.look())
    await run_in_threadpool(forget_scorings, service.shop.store, service.shop.clock() - SCORINGS_KEPT)


async def _settle(service: Service) -> None:
    shop = service.shop
    settled = await run_in_threadpool(settle_due, shop.store, shop.clock(), window=shop.experiment.window)
    if settled:
        log.info("exposures_settled", **{outcome.value: count for outcome, count in settled.items()})


async def _learn(service: Service) -> None:
    if taught := await run_in_threadpool(learn, service.shop):
        log.info("effects_learnt", orders=taught)


async def _keep_pace(service: Service) -> None:
    await run_in_threadpool(keep_pace, service.shop)


async def _keep_up(service: Service) -> None:
    """What a process that died left behind, and who waits for WeCom's servicers."""
    now = service.shop.clock()
    await service.receiving.resume(now)
    await service.fetching.resume(now)
    await service.servicing.to_pool()


def forget_deliveries(store: Store, before: datetime) -> int:
    """Deliveries, nonces and messages that arrived; what is undone or dead stays. Returns how many were forgotten."""
    with store.transaction() as records:
        return records.deliveries.purge(before) + records.outbox.purge(before)


def forget_scorings(store: Store, before: datetime) -> int:
    """Scores older than any figure looks back; returns how many."""
    with store.transaction() as records:
        return records.scorings.purge(before)


def forget_ties(store: Store, before: datetime) -> int:
    """What accounts shared longer ago than any rule looks back; returns how many."""
    with store.transaction() as records:
        return records.kinship.purge(before)


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
