"""What a shopper says of the associate who answered them, once a handoff."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from retention.handoff import Handoff, HandoffState

SCORES = range(1, 6)
CHANGEABLE = timedelta(days=1)
ENDED_BY_ASSOCIATE = frozenset({HandoffState.RESOLVED, HandoffState.RETURNED})


@dataclass(frozen=True, kw_only=True)
class Rating:
    """``score`` is 1..5, best last. It may be changed until ``CHANGEABLE`` after the first word."""

    handoff_id: str
    conversation_id: str
    score: int
    comment: str
    rated_at: datetime
    updated_at: datetime

    def is_final(self, now: datetime) -> bool:
        return now - self.rated_at > CHANGEABLE


def rateable(handoffs: Sequence[Handoff]) -> Handoff | None:
    """The handoff a rating is about: the newest, when an associate has ended it. ``handoffs`` are newest first."""
    newest = handoffs[0] if handoffs else None
    return newest if newest is not None and newest.state in ENDED_BY_ASSOCIATE else None
