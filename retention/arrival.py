"""When a parcel is likely to arrive: a range that the data carry, or none. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from retention.event import Event, latest
from retention.order import MOVING, Order, Stage
from retention.words import CHINA, day

FEWEST_PARCELS = 20
"""Below this, how long earlier parcels took says little."""


@dataclass(frozen=True, kw_only=True)
class Lane:
    """How long recent parcels took from a place to the shopper's city: eight in ten between ``low`` and ``high``."""

    place: str
    low: timedelta
    high: timedelta
    parcels: int


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """``early`` and ``late`` bound eight in ten parcels of the lane. ``overdue``: most would have been here by now."""

    early: datetime
    late: datetime
    lane: Lane
    overdue: bool = False
    if_sent_by: datetime | None = None  # counted from a dispatch that is only promised


def lanes(events: Sequence[Event]) -> dict[str, Lane]:
    """The newest known lane from each place, as the shop's transport system told it for this order."""
    newest: dict[str, Lane] = {}
    for event in sorted(events, key=lambda event: event.at):
        low, high = event.number("hours_low", -1.0), event.number("hours_high", -1.0)
        if event.kind != "fulfilment.lane" or not event.text("place") or not 0 <= low <= high <= 24 * 90:
            continue
        newest[event.text("place")] = Lane(
            place=event.text("place"),
            low=timedelta(hours=low),
            high=timedelta(hours=high),
            parcels=int(event.number("parcels")),
        )
    return {place: lane for place, lane in newest.items() if lane.parcels >= FEWEST_PARCELS}


def expected(order: Order, events: Sequence[Event], now: datetime) -> Arrival | None:
    """From the last scan and what parcels took from there; before dispatch from the warehouse and the promised day.

    An announced delay after the scan widens the range, it does not move its early end.
    """
    known = lanes(events)
    if order.stage in MOVING:
        scan = latest(events, "fulfilment.scanned")
        lane = known.get(scan.text("place")) if scan is not None else None
        if scan is None or lane is None:
            return None
        late = scan.at + lane.high + _announced(events, scan.at)
        return Arrival(early=max(now, scan.at + lane.low), late=max(now, late), lane=lane, overdue=now > late)
    start = order.promised_ship_at
    lane = known.get(str(order.attributes.get("warehouse") or ""))
    if order.stage is not Stage.PENDING_SHIPMENT or lane is None or start is None or start < now:
        return None
    return Arrival(early=start + lane.low, late=start + lane.high, lane=lane, if_sent_by=start)


def _announced(events: Sequence[Event], since: datetime) -> timedelta:
    told = latest(events, "fulfilment.delayed")
    hours = told.number("hours") if told is not None and told.at >= since else 0.0
    return timedelta(hours=min(max(hours, 0.0), 24 * 30))


def when(arrival: Arrival | None, order: Order, now: datetime) -> str:
    """One Chinese sentence that promises nothing; empty where the data say nothing."""
    if arrival is None:
        return ""
    basis = f"同路线最近 {arrival.lane.parcels} 个包裹"
    if arrival.overdue:
        return f"{basis}里九成这时候已经到了，这件比一般的慢，我说不准哪天到。"
    days = between(arrival.early, arrival.late)
    if arrival.if_sent_by is not None:
        return f"如果 {day(arrival.if_sent_by)}发出，按{basis}看，预计 {days}，不敢打包票。"
    promised = order.promised_delivery_at
    worse = "，可能赶不上承诺的日子" if promised is not None and now <= promised < arrival.early else ""
    return f"按{basis}看，预计 {days}{worse}，不敢打包票。"


def between(early: datetime, late: datetime) -> str:
    """
    >>> from datetime import timezone
    >>> between(datetime(2026, 11, 28, tzinfo=timezone.utc), datetime(2026, 11, 30, tzinfo=timezone.utc))
    '11 月 28 日到 30 日之间到'
    """
    first, last = early.astimezone(CHINA).date(), late.astimezone(CHINA).date()
    if first == last:
        return f"{day(early)}到"
    end = f"{last.day} 日" if (first.year, first.month) == (last.year, last.month) else day(late)
    return f"{day(early)}到 {end}之间到"
