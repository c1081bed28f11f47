"""Behaviour that calls for interception whatever the probability."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from policies.rows import Row, unique
from retention.case import Case
from retention.risk import Score
from retention.visit import EVENT_DAYS


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """A pattern of events, or of resemblance to past cancellers.

    ``event`` at least ``count`` times ``within`` the time before now; or ``count`` lost orders at least ``similarity`` alike.
    """

    id: str
    why: str
    event: str | None
    count: int
    within: timedelta
    similarity: float | None

    def fits(self, case: Case, score: Score) -> bool:
        if self.similarity is not None:
            alike = {past.order_no for past in score.similar if past.cancelled and past.similarity >= self.similarity}
            return len(alike) >= self.count
        since = case.now - self.within
        # Systems report again what they are not sure to have reported: an event is what its id says.
        counted = {
            event.event_id for event in case.events if event.kind == self.event and since <= event.at <= case.now
        }
        return len(counted) >= self.count


def read_behaviours(top: Row) -> tuple[Behaviour, ...]:
    """Perhaps none. Raises PolicyError."""
    rows = top.rows("behaviour")
    read = tuple(_behaviour(row) for row in rows)
    unique(rows, [row.id for row in read])
    return read


def _behaviour(row: Row) -> Behaviour:
    row.only("id", "why", "event", "count", "within_hours", "similarity", "of")
    if "similarity" in row:
        row.only("id", "why", "similarity", "of")
        return Behaviour(
            id=row.identifier("id"),
            why=row.text("why"),
            event=None,
            count=row.whole("of", 1, 100),
            within=timedelta(0),
            similarity=row.number("similarity", 0, 1),
        )
    row.only("id", "why", "event", "count", "within_hours")
    return Behaviour(
        id=row.identifier("id"),
        why=row.text("why"),
        event=row.match("event", r"[a-z][a-z_]*\.[a-z][a-z_]*", "事件种类，例如 behaviour.address_changed")[0],
        count=row.whole("count", 1, 100),
        # Older events are not looked at, so a longer window would promise what it cannot see.
        within=timedelta(hours=row.number("within_hours", 0.1, EVENT_DAYS * 24)),
        similarity=None,
    )
