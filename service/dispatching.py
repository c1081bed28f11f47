"""Notices to those who subscribed: sent when they are due, tried again later, given up in the end."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from starlette.concurrency import run_in_threadpool

from integrations.courier import Courier, Outcome
from integrations.wiring import Shop
from retention.errors import StoreBusyError
from retention.notice import (
    Dispatch,
    DispatchState,
    Notice,
    NoticeKind,
    Subscription,
    dispatch_of,
    failed,
    notice_id,
    sent,
)
from retention.ports import Store
from service.logs import logger
from service.metrics import Metrics

EVERY_S = 1.0
LEASE = timedelta(seconds=60)
"""Longer than an attempt takes: when a process dies in the middle of one, it is made again after this."""
KEPT_SENT = timedelta(days=7)

log = logger(__name__)


class Dispatching:
    """Every subscription is sent to on its own, one notice after the other: a slow one holds up nobody else."""

    def __init__(self, shop: Shop, courier: Courier, metrics: Metrics) -> None:
        self._shop = shop
        self._courier = courier
        self._metrics = metrics
        self._working: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                await self._round()
                await asyncio.sleep(EVERY_S)
        finally:
            for task in self._working.values():
                task.cancel()
            await asyncio.gather(*self._working.values(), return_exceptions=True)

    @property
    def is_busy(self) -> bool:
        """Whether something is being sent."""
        return bool(self._working)

    async def start_due(self) -> list[asyncio.Task[None]]:
        """Begin sending to everybody something is due for and nothing is being sent to; the tasks that do it."""
        wanted = await run_in_threadpool(self._overdue)
        started = [identity for identity in wanted if identity not in self._working]
        for identity in started:
            self._working[identity] = asyncio.create_task(self._serve(identity))
        return [self._working[identity] for identity in started]

    async def try_out(self, subscription: Subscription) -> Outcome:
        """Send a test notice at once, and once."""
        now = self._shop.clock()
        notice = Notice(
            notice_id=notice_id(NoticeKind.TEST, uuid4().hex, now),
            kind=NoticeKind.TEST,
            at=now,
            data={"webhook_id": subscription.subscription_id},
        )
        outcome = await self._courier.send(dispatch_of(notice, subscription), subscription, now=now)
        self._metrics.webhooks.labels("failed" if outcome.problem else "sent").inc()
        return outcome

    async def _round(self) -> None:
        try:
            await self.start_due()
        except StoreBusyError:
            log.warning("dispatching_store_busy")
        except Exception:
            log.exception("dispatching_failed")

    async def _serve(self, subscription_id: str) -> None:
        try:
            for dispatch in await run_in_threadpool(self._due, subscription_id):
                await self._attempt(dispatch)
        except StoreBusyError:  # nothing is lost: the lease of what was being sent runs out
            log.warning("dispatching_store_busy")
        except Exception:
            log.exception("dispatching_failed", subscription_id=subscription_id)
        finally:
            del self._working[subscription_id]

    async def _attempt(self, dispatch: Dispatch) -> None:
        claimed = await run_in_threadpool(self._claim, dispatch)
        if claimed is None:  # another process has it, or nobody wants it any more
            return
        begun, subscription = claimed
        outcome = await self._courier.send(begun, subscription, now=self._shop.clock())
        settled = await run_in_threadpool(self._settle, begun, outcome)
        ended = "failed" if settled.state is DispatchState.WAITING else settled.state.value
        self._metrics.webhooks.labels(ended).inc()
        if outcome.problem:
            log.warning(
                "webhook_not_delivered",
                subscription_id=begun.subscription_id,
                notice_id=begun.notice_id,
                attempts=begun.attempts,
                problem=outcome.problem,
                ended=ended,
            )

    def _overdue(self) -> list[str]:
        with self._shop.store.transaction() as records:
            return list(records.dispatches.overdue_for(self._shop.clock()))

    def _due(self, subscription_id: str) -> list[Dispatch]:
        with self._shop.store.transaction() as records:
            return list(records.dispatches.due(subscription_id, self._shop.clock()))

    def _claim(self, dispatch: Dispatch) -> tuple[Dispatch, Subscription] | None:
        now = self._shop.clock()
        with self._shop.store.transaction() as records:
            begun = records.dispatches.claim(dispatch, now=now, until=now + LEASE)
            subscription = records.subscriptions.find(dispatch.subscription_id)
            if subscription is None:  # removed while this was being queued
                records.subscriptions.remove(dispatch.subscription_id)
            return None if begun is None or subscription is None else (begun, subscription)

    def _settle(self, begun: Dispatch, outcome: Outcome) -> Dispatch:
        now = self._shop.clock()
        settled = sent(begun, at=now)
        if outcome.problem:
            settled = failed(begun, outcome.problem, at=now, asked_s=outcome.asked_s, gone=outcome.gone)
        with self._shop.store.transaction() as records:
            records.dispatches.put(settled)
            subscription = records.subscriptions.find(begun.subscription_id)
            if outcome.gone and subscription is not None:
                records.subscriptions.put(replace(subscription, active=False))
        return settled


def forget_sent(shop: Shop) -> int:
    """What was delivered long ago; returns how many."""
    with shop.store.transaction() as records:
        return records.dispatches.purge(shop.clock() - KEPT_SENT)


def measure(store: Store, metrics: Metrics) -> None:
    """How much waits, and how much was given up. Raises StoreBusyError."""
    with store.transaction() as records:
        dispatches, links = records.dispatches.counts(), records.links.counts()
        fulfilments = records.fulfilments.counts()
    for dispatch_state, count in dispatches.items():
        metrics.outbox.labels(dispatch_state.value).set(count)
    for link_state, count in links.items():
        metrics.links.labels(link_state.value).set(count)
    for fulfilment_state, count in fulfilments.items():
        metrics.fulfilment_states.labels(fulfilment_state.value).set(count)
