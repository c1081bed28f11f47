"""WeCom announces that there is something at a service desk; this fetches it, from where it was left, until there is no more."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakValueDictionary

from starlette.concurrency import run_in_threadpool

from integrations.channels.wecom import WecomChannel
from integrations.channels.wire import Result, Verdict
from integrations.wiring import Shop
from retention.contact import Cursor, Delivery
from retention.errors import StoreBusyError
from retention.inbound import Inbound, InboundKind
from retention.ports import Records
from service.channels import Channels
from service.greeting import greet
from service.logs import logger
from service.receiving import Receiving
from service.servicing import Servicing

PATIENCE = timedelta(seconds=30)
NO_HOLD = timedelta(0)
GREETING = timedelta(seconds=20)
"""For so long a greeting can be given by its code, and only so."""
HAPPENED = frozenset(
    {InboundKind.SEND_FAILED, InboundKind.SESSION_TAKEN, InboundKind.SESSION_ENDED, InboundKind.UNSUBSCRIBED}
)

log = logger(__name__)


class Fetching:
    def __init__(self, shop: Shop, channels: Channels, receiving: Receiving, servicing: Servicing) -> None:
        self._shop = shop
        self._channels = channels
        self._receiving = receiving
        self._servicing = servicing
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._running: set[asyncio.Task[None]] = set()

    def announced(self, records: Records, channel: WecomChannel, open_kfid: str, token: str) -> None:
        """Remember to fetch, so that a process that dies now forgets nothing."""
        desk = _desk(channel, open_kfid)
        known = records.cursors.find(desk) or Cursor(desk=desk)
        records.cursors.put(replace(known, token=token, asked_at=self._shop.clock()))

    def start(self, channel: WecomChannel, open_kfid: str) -> asyncio.Task[None]:
        task = asyncio.create_task(self._fetch(channel, open_kfid))
        self._running.add(task)
        task.add_done_callback(self._forget)
        return task

    async def resume(self, now: datetime) -> None:
        """Fetch what was announced and not fetched: the platform was busy, or the process died."""
        for cursor in await run_in_threadpool(self._asked, now - PATIENCE):
            app_id, _, open_kfid = cursor.desk.partition(":")
            channel = self._channels.wecom.get(app_id)
            if channel is not None:
                await self._fetch(channel, open_kfid)

    async def close(self) -> None:
        for task in tuple(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _fetch(self, channel: WecomChannel, open_kfid: str) -> None:
        desk = _desk(channel, open_kfid)
        async with self._locks.setdefault(desk, asyncio.Lock()):
            try:
                while await self._fetch_some(channel, desk, open_kfid):
                    pass
            except StoreBusyError:
                log.warning("fetching_store_busy", desk=desk)
            except Exception:
                log.exception("fetching_failed", desk=desk)

    async def _fetch_some(self, channel: WecomChannel, desk: str, open_kfid: str) -> bool:
        """Whether there is more."""
        cursor = await run_in_threadpool(self._cursor, desk)
        result = await channel.fetch(open_kfid, cursor.cursor, cursor.token)
        if result.verdict is Verdict.NEVER and cursor.token:  # ten minutes old, or of an earlier announcement
            result = await channel.fetch(open_kfid, cursor.cursor, "")
        if result.verdict is not Verdict.DONE:
            log.warning("not_fetched", desk=desk, problem=result.problem)
            return False
        inbounds = [one for one in map(channel.inbound, _messages(result)) if one is not None]
        kept = await run_in_threadpool(self._kept, channel, cursor, result, inbounds)
        for inbound, delivery in kept:
            await self._deal(channel, inbound, delivery)
        return bool(result.data.get("has_more"))

    async def _deal(self, channel: WecomChannel, inbound: Inbound, delivery: Delivery | None) -> None:
        if delivery is None:
            await self._servicing.happened(channel, inbound)
            return
        task = self._receiving.start(channel, delivery)
        if inbound.kind is InboundKind.SUBSCRIBED:
            await asyncio.wait([task])
            if task.exception() is None:
                await greet(self._shop, channel, inbound.code, task.result())

    def _kept(
        self, channel: WecomChannel, cursor: Cursor, result: Result, inbounds: Sequence[Inbound]
    ) -> list[tuple[Inbound, Delivery | None]]:
        """The messages and how far we are, in one transaction."""
        with self._shop.store.transaction() as records:
            kept: list[tuple[Inbound, Delivery | None]] = []
            for inbound in inbounds:
                if inbound.kind in HAPPENED:
                    kept.append((inbound, None))
                elif inbound.kind is not InboundKind.NOTED:
                    held = GREETING if inbound.kind is InboundKind.SUBSCRIBED else NO_HOLD
                    delivery = self._receiving.admitted(records, channel, inbound, held=held)
                    if not delivery.done:
                        kept.append((inbound, delivery))
            known = records.cursors.find(cursor.desk) or cursor
            more = bool(result.data.get("has_more")) or known.asked_at != cursor.asked_at
            following = str(result.data.get("next_cursor") or cursor.cursor)
            records.cursors.put(replace(known, cursor=following, asked_at=known.asked_at if more else None))
        return kept

    def _cursor(self, desk: str) -> Cursor:
        with self._shop.store.transaction() as records:
            return records.cursors.find(desk) or Cursor(desk=desk)

    def _asked(self, before: datetime) -> Sequence[Cursor]:
        with self._shop.store.transaction() as records:
            return records.cursors.asked(before)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)


def _desk(channel: WecomChannel, open_kfid: str) -> str:
    return f"{channel.account.app_id}:{open_kfid}"


def _messages(result: Result) -> Sequence[Mapping[str, Any]]:
    found = result.data.get("msg_list")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else ()
