"""What a feature may look at: the case, with its events sorted once and none from the future."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from retention.case import Case
from retention.event import Event
from retention.order import Line


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """``events`` by kind, each oldest first, whatever order the case had them in; ``recent`` those since the order."""

    case: Case
    events: Mapping[str, tuple[Event, ...]] = field(default_factory=dict)
    recent: Mapping[str, tuple[Event, ...]] = field(default_factory=dict)

    def all(self, kind: str, *, days: float | None = None) -> tuple[Event, ...]:
        """Every event of a kind, or those of the last ``days``."""
        found = self.events.get(kind, ())
        if not found or days is None:
            return found
        return tuple(event for event in found if event.at >= self.case.now - timedelta(days=days))

    def since_order(self, kind: str) -> tuple[Event, ...]:
        """Those that happened after the order was placed: before it they say nothing about it."""
        return self.recent.get(kind, ())

    def hours_since(self, at: datetime | None) -> float:
        """Hours from ``at`` to the case's moment; zero when unknown or still to come."""
        return 0.0 if at is None else max(0.0, (self.case.now - at) / timedelta(hours=1))


def gather(case: Case) -> Evidence:
    """Sort a case's events. Events about other orders and events after the case's moment are no evidence.

    An event told twice counts twice: whoever keeps events keeps each ``event_id`` once.
    """
    placed_at = case.order.placed_at
    grouped: dict[str, list[Event]] = {}
    recent: dict[str, list[Event]] = {}
    for event in sorted(_relevant(case), key=_when):
        grouped.setdefault(event.kind, []).append(event)
        if event.at >= placed_at:
            recent.setdefault(event.kind, []).append(event)
    return Evidence(case=case, events=_frozen(grouped), recent=_frozen(recent))


def _when(event: Event) -> tuple[datetime, str]:
    return event.at, event.event_id


def _frozen(grouped: Mapping[str, list[Event]]) -> Mapping[str, tuple[Event, ...]]:
    return {kind: tuple(events) for kind, events in grouped.items()}


def _relevant(case: Case) -> Iterable[Event]:
    own = case.order.order_no
    return (event for event in case.events if event.at <= case.now and event.order_no in (None, own))


def paid_unit_fen(evidence: Evidence, line: Line) -> float:
    """What a piece of a line really cost: an order's discount is spread over its goods by price."""
    order = evidence.case.order
    listed_fen = sum(each.qty * each.unit_price_fen for each in order.lines)
    goods_fen = max(0, order.paid_fen - order.shipping_fen)
    if listed_fen <= 0 or not 0 < goods_fen < listed_fen:
        return float(line.unit_price_fen)
    return line.unit_price_fen * goods_fen / listed_fen
