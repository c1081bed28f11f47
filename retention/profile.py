"""What a conversation leaves behind for a CRM."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Outcome(str, Enum):
    DEFLECTED = "deflected"  # 暂留: kept for now, not yet settled
    RETAINED = "retained"  # 已挽留: kept when the return window closed
    LOST = "lost"
    UNDECIDED = "undecided"


@dataclass(frozen=True, kw_only=True)
class Mood:
    """One point of the mood curve."""

    at: datetime
    emotion: str
    intensity: float
    sentiment: float


@dataclass(frozen=True, kw_only=True)
class Profile:
    """Conversation profile 会话画像, rebuilt after every turn; one per conversation."""

    conversation_id: str
    customer_id: str | None
    channel: str
    started_at: datetime
    updated_at: datetime
    turns: int = 0
    order_no: str | None = None
    intents: tuple[str, ...] = ()  # in order of first appearance
    reasons: tuple[str, ...] = ()
    moods: tuple[Mood, ...] = ()
    risk_probability: float | None = None
    risk_band: str | None = None
    interventions: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()  # catalog ids proposed
    grants: tuple[str, ...] = ()  # grant ids issued
    granted_fen: int = 0
    changes: tuple[str, ...] = ()  # kinds of order changes made
    handoff_reason: str | None = None
    outcome: Outcome = Outcome.UNDECIDED
