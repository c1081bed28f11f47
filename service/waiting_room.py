"""Telling those who wait where they stand, when it changes."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.concurrency import run_in_threadpool

from integrations.wiring import Shop
from retention.place import Place, places
from service.broadcast import Broadcast


class WaitingRoom:
    def __init__(self, shop: Shop, broadcast: Broadcast) -> None:
        self._shop = shop
        self._broadcast = broadcast
        self._told: Mapping[str, Place] = {}

    async def refresh(self) -> None:
        now = await run_in_threadpool(self._places)
        for conversation_id, place in now.items():
            if self._told.get(conversation_id) != place:
                self._broadcast.place(conversation_id, place)
        self._told = now

    def _places(self) -> Mapping[str, Place]:
        with self._shop.store.transaction() as records:
            return places(records, self._shop.staffing, self._shop.clock())
