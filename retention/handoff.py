"""A conversation's way to a person and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class HandoffState(str, Enum):
    WAITING = "waiting"
    CLAIMED = "claimed"
    RESOLVED = "resolved"  # the associate closed the conversation
    RETURNED = "returned"  # given back to the bot
    CANCELLED = "cancelled"  # the shopper left the queue


OPEN = frozenset({HandoffState.WAITING, HandoffState.CLAIMED})
MOVES: Mapping[HandoffState, frozenset[HandoffState]] = {
    HandoffState.WAITING: frozenset({HandoffState.CLAIMED, HandoffState.CANCELLED}),
    HandoffState.CLAIMED: frozenset({HandoffState.RESOLVED, HandoffState.RETURNED}),
    HandoffState.RESOLVED: frozenset(),
    HandoffState.RETURNED: frozenset(),
    HandoffState.CANCELLED: frozenset(),
}


@dataclass(frozen=True, kw_only=True)
class Handoff:
    """``priority`` 0..100, highest first; ``summary`` is Chinese and lets an associate start without scrolling."""

    handoff_id: str
    conversation_id: str
    state: HandoffState
    reason: str  # rule id: asked_for_person, furious, threat, safety, bot_down, ...
    summary: str
    priority: int
    opened_at: datetime
    updated_at: datetime
    associate: str | None = None
    order_no: str | None = None
    customer_id: str | None = None
    claimed_at: datetime | None = None
    first_reply_at: datetime | None = None
    closed_at: datetime | None = None
