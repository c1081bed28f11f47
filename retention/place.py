"""Where a shopper stands in the queue, and how long that will honestly take."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from retention.assignment import SHIFT
from retention.handoff import Handoff, HandoffState
from retention.ports import Records
from retention.presence import PresenceState
from retention.staffing import Staffing

WINDOW = timedelta(hours=1)
LEAST_CLAIMS = 3
"""Fewer in the window say nothing about the next one."""
STEP_S = 30
EVERYBODY = 10_000


@dataclass(frozen=True, kw_only=True)
class Place:
    """``position`` counts from 1. ``expected_wait_s`` is None when it cannot be known. ``deserted``: who was here earlier
    in this shift is not online now."""

    position: int
    expected_wait_s: int | None
    deserted: bool


def places(records: Records, staffing: Staffing, now: datetime) -> Mapping[str, Place]:
    """The place of every conversation that waits, by its id."""
    waiting = records.handoffs.listed(frozenset({HandoffState.WAITING}), limit=EVERYBODY)
    if not waiting:
        return {}
    seen = records.presences.seen_since(now - SHIFT)
    online = any(staffing.state_of(presence, now) is PresenceState.ONLINE for presence in seen)
    recent = records.handoffs.claimed_since(now - WINDOW)
    return {
        handoff.conversation_id: Place(
            position=position,
            expected_wait_s=expected_wait_s(position, recent, waiting, now) if online else None,
            deserted=bool(seen) and not online,
        )
        for position, handoff in enumerate(waiting, start=1)
    }


def expected_wait_s(position: int, recent: Sequence[Handoff], waiting: Sequence[Handoff], now: datetime) -> int | None:
    """From the pace of the last claims, counting only time in which somebody waited; in whole half minutes, rounded up.

    An idle hour says nothing about how fast the next one is taken, and a queue nobody takes from slows the pace down.
    """
    if len(recent) < LEAST_CLAIMS:
        return None
    since = now - WINDOW
    ended = [(one.opened_at, one.claimed_at) for one in recent if one.claimed_at is not None and not one.releases]
    spans = [(max(begin, since), end) for begin, end in [*ended, *((one.updated_at, now) for one in waiting)]]
    pace_s = _covered(spans) / len(recent)
    return max(1, math.ceil(pace_s * position / STEP_S)) * STEP_S


def _covered(spans: Sequence[tuple[datetime, datetime]]) -> float:
    """Seconds in which at least one of the spans runs."""
    seconds, reached = 0.0, None
    for begin, end in sorted(spans):
        start = begin if reached is None else max(begin, reached)
        if end > start:
            seconds += (end - start).total_seconds()
            reached = end
    return seconds
