"""What stepping in early changed: orders that were reached against those that were left alone, by how they ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from compensation.lift import Interval, Lift
from retention.outreach import Outreach, OutreachArm
from retention.ports import Records, Store
from retention.profile import Outcome
from retention.settlement import ending, went_back_for

PAGE = 500
BEGINNING = datetime(2000, 1, 1, tzinfo=timezone.utc)
FEWEST = 30
"""Settled orders of each arm, below which no difference is told."""


@dataclass(frozen=True, kw_only=True)
class ArmCount:
    orders: int = 0
    kept: int = 0
    lost: int = 0

    @property
    def settled(self) -> int:
        return self.kept + self.lost


@dataclass(frozen=True, kw_only=True)
class OutreachReport:
    """``states`` and ``skipped`` count all episodes; the arms only those whose order may be written about, each order once.

    ``lift`` is the share kept when reached less that when left alone, with its 95 % interval; None with too few.
    """

    episodes: int
    states: Mapping[str, int]
    skipped: Mapping[str, int]
    reached: ArmCount
    held_out: ArmCount
    lift: float | None
    interval: Interval | None
    synthetic: int


def report(store: Store, *, since: datetime | None, window: timedelta, now: datetime) -> OutreachReport:
    """``window`` is how long after delivery an order counts as kept."""
    states: Counter[str] = Counter()
    skipped: Counter[str] = Counter()
    ends: dict[OutreachArm, Counter[Outcome]] = {arm: Counter() for arm in OutreachArm}
    seen: set[str] = set()
    synthetic = 0
    for outreach, outcome in _ended(store, since or BEGINNING, window, now):
        states[outreach.state.value] += 1
        synthetic += outreach.synthetic
        if outreach.arm is None:
            skipped[outreach.why] += 1
        elif outreach.order_no not in seen:  # as it was drawn: also what was not sent in the end counts as reached
            seen.add(outreach.order_no)
            ends[outreach.arm][outcome] += 1
    reached, held_out = (_count(ends[arm]) for arm in (OutreachArm.REACHED, OutreachArm.HELD_OUT))
    found = None
    if min(reached.settled, held_out.settled) >= FEWEST:
        found = Lift(
            treated_n=reached.settled, treated_kept=reached.kept, held_n=held_out.settled, held_kept=held_out.kept
        )
    return OutreachReport(
        episodes=states.total(),
        states=dict(states),
        skipped=dict(skipped),
        reached=reached,
        held_out=held_out,
        lift=found.estimate if found else None,
        interval=found.interval() if found else None,
        synthetic=synthetic,
    )


def _count(ends: Counter[Outcome]) -> ArmCount:
    return ArmCount(orders=ends.total(), kept=ends[Outcome.RETAINED], lost=ends[Outcome.LOST])


def _ended(store: Store, since: datetime, window: timedelta, now: datetime) -> Iterator[tuple[Outreach, Outcome]]:
    """Page by page, each in a transaction of its own: a report keeps nobody waiting."""
    last: tuple[datetime, str] | None = None
    while True:
        with store.transaction() as records:
            page = records.outreaches.since(since, after=last, limit=PAGE)
            found = [(one, _outcome(records, one, window, now)) for one in page]
        yield from found
        if len(page) < PAGE:
            return
        last = (page[-1].opened_at, page[-1].outreach_id)


def _outcome(records: Records, outreach: Outreach, window: timedelta, now: datetime) -> Outcome:
    """As an offer's save is settled."""
    order = records.orders.find(outreach.order_no)
    back_for = None
    if order is not None:
        events = records.events.about(order, since=outreach.opened_at)
        back_for = went_back_for(order, records.orders.changes(order.order_no), events)
    return ending(order, back_for=back_for, exposed_at=outreach.opened_at, window=window, now=now).outcome
