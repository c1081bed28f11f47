"""Who is at the desk: what an associate last said of themselves, and how long ago."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class PresenceState(str, Enum):
    ONLINE = "online"  # 在线: takes conversations
    BUSY = "busy"  # 忙碌: goes on with those they have
    AWAY = "away"  # 离开


@dataclass(frozen=True, kw_only=True)
class Presence:
    """Their screen repeats it every few seconds; what was said too long ago no longer counts."""

    associate: str
    state: PresenceState
    seen_at: datetime
