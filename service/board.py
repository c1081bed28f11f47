"""The associates' queue and how much waits for review, read once however many consoles ask at the same moment."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool

from integrations.wiring import Shop
from retention.correction import CorrectionState
from retention.handoff import OPEN, Handoff, HandoffState
from retention.ports import Records
from service.console_views import handoff_view, masked_name

FRESH_S = 0.3
"""Twenty consoles refetch on every push; a third of a second old is as good as new to a person."""
MOST = 1000
"""Rows; a queue that long is read from its front."""
RECENT = 6
"""Messages among which the worst mood is looked for: a calm last word does not undo what was said before it."""


class Board:
    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._lock = asyncio.Lock()
        self._read_at = float("-inf")
        self._shown: dict[str, Any] = {}

    async def shown(self) -> dict[str, Any]:
        """Waiting and claimed handoffs, the most urgent first, and the number of corrections that wait."""
        async with self._lock:
            if time.monotonic() - self._read_at > FRESH_S:
                self._shown = await run_in_threadpool(self._read)
                self._read_at = time.monotonic()
            return self._shown

    def _read(self) -> dict[str, Any]:
        with self._shop.store.transaction() as records:
            listed = records.handoffs.listed(OPEN, limit=MOST)
            waiting = [handoff for handoff in listed if handoff.state is HandoffState.WAITING]
            positions = {handoff.handoff_id: position for position, handoff in enumerate(waiting, start=1)}
            return {
                "handoffs": [self._row(records, handoff, positions) for handoff in listed],
                "corrections": records.corrections.count(CorrectionState.PROPOSED),
            }

    def _row(self, records: Records, handoff: Handoff, positions: Mapping[str, int]) -> dict[str, Any]:
        customer = records.customers.find(handoff.customer_id) if handoff.customer_id else None
        order = records.orders.find(handoff.order_no) if handoff.order_no else None
        turns = records.messages.turns(handoff.conversation_id, last=RECENT)
        last = turns[-1] if turns else None
        hearing = last.hearing if last else None
        heard = [turn.hearing for turn in turns if turn.hearing]
        worst = min(heard, key=lambda each: each.sentiment, default=None)
        return {
            **handoff_view(handoff, now=self._shop.clock(), sla=self._shop.staffing.sla),
            "position": positions.get(handoff.handoff_id),
            "customer": masked_name(customer.name) if customer else "",
            "order_title": order.title if order else "",
            "last_text": last.text if last else "",
            "emotion": hearing.emotion.value if hearing else "neutral",
            "sentiment": hearing.sentiment if hearing else 0.0,
            "worst_emotion": worst.emotion.value if worst else "neutral",
        }
