"""A synthetic history as training data: each order as it stood at a moment of its life, and how it ended."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from retention.case import Case
from retention.event import Event
from twin.past_order import PastOrder
from twin.world import History

EVENT_DAYS = 60
"""As far back as the desk looks."""


def cases(history: History) -> Iterator[tuple[Case, bool]]:
    """Settled orders only: the outcome of a younger one may still turn, and dropping just the kept would skew the rest."""
    for past in settled(history):
        yield case(history, past), past.lost


def settled(history: History) -> Iterator[PastOrder]:
    """The orders ``cases`` speaks of, in the same order."""
    return (past for past in history.orders if past.settles_at <= history.now)


def case(history: History, past: PastOrder) -> Case:
    """What the shop knew of an order at its moment; nothing later."""
    known = [event for event in past.events if event.at <= past.moment]
    for line in past.then.lines:
        known.extend(_between(history.market_events[line.sku], past.moment - timedelta(days=EVENT_DAYS), past.moment))
    return Case(
        now=past.moment,
        order=past.then,
        customer=past.customer,
        events=tuple(sorted(known, key=lambda event: event.at)),
        hearings=past.hearings,
        goal=past.goal,
        reasons=past.reasons,
    )


def _between(events: Sequence[Event], start: datetime, end: datetime) -> Sequence[Event]:
    first = bisect_right(events, start, key=lambda event: event.at)
    last = bisect_right(events, end, key=lambda event: event.at)
    return events[first:last]
