"""The shop's own past as cases: each order as it stood at one moment of its life, and whether it was lost.

The moment is drawn without looking at what came of the order, or the model would learn from the choice. From a time after
the order was placed, drawn by its number (half an hour to twenty days, each doubling as likely as the next), it is the
first thing that happens around the order, and when nothing does, as much time again. That is a question a shop could have
asked: most are asked when something happened. An order that was over by then is no case. If the thing is a shopper's message
about the order, the case knows what was said in that conversation so far; else nobody was talking.

Only settled orders are cases, and only where the moment lies ``window`` and ``TRANSIT`` back: of the days since, the lost
ones would be known and the kept ones not yet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from retention.case import Case
from retention.desk import HEARINGS_KEPT
from retention.draw import draw
from retention.past import PastOrder, customer_at, events_at, hearings_at, order_at, put_together
from retention.ports import Store
from retention.profile import Outcome
from retention.settlement import ending, went_back_for
from retention.surroundings import LEFT
from retention.visit import EVENT_DAYS

WINDOW = timedelta(days=15)
"""Return window of an order without a longer one of its own; the experiment settles by the same."""
TRANSIT = timedelta(days=10)
SOONEST = timedelta(minutes=30)
LATEST = timedelta(days=20)
PAGE = 250
"""Orders read in one transaction: some tens of milliseconds, so that the shop goes on meanwhile."""
BACK = timedelta(days=EVENT_DAYS)

UNTIMED = "untimed"
"""In a tally: lost orders of which nobody told when. Without ``order.cancelled`` or ``order.refunded`` they teach nothing."""


def case_at(past: PastOrder, now: datetime) -> Case:
    """What the shop knew of the order at ``now``: the case that scoring it then would have made, but for money given."""
    return Case(
        now=now,
        order=order_at(past.course, now),
        customer=customer_at(past, now),
        events=events_at(past, now, back=BACK),
        hearings=hearings_at(past, now, last=HEARINGS_KEPT),
    )


def moment_of(past: PastOrder) -> datetime | None:
    """The one moment the order is looked at; None when it was over by then."""
    order = past.order
    wait = SOONEST * (LATEST / SOONEST) ** draw(f"moment:{order.order_no}")
    start = order.placed_at + wait
    happened = [event.at for event in past.events if event.kind not in LEFT]
    happened += [turn.at for turn in past.about()]
    moment = min((at for at in happened if start < at < start + wait), default=start + wait)
    over = past.course.left_at or past.course.ended_at
    return moment if over is None or moment < over else None


def past_cases(
    store: Store,
    since: datetime,
    until: datetime,
    *,
    now: datetime,
    window: timedelta = WINDOW,
    tally: Counter[str] | None = None,
) -> Iterator[tuple[Case, bool]]:
    """Cases of the orders placed in that time, oldest order first, each with whether it was lost by ``now``.

    A page of orders is in memory at a time. ``tally`` counts by reason what could not be used. Raises StoreBusyError.
    """
    for past in past_orders(store, since, until):
        moment = moment_of(past)
        if moment is None or moment > now - window - TRANSIT:
            continue
        lost = how_it_ended(past, moment, window=window, now=now)
        if lost is None:
            continue
        if lost and past.course.is_lost and past.course.left_at is None:
            if tally is not None:
                tally[UNTIMED] += 1
            continue
        yield case_at(past, moment), lost


def past_orders(store: Store, since: datetime, until: datetime) -> Iterator[PastOrder]:
    """Orders placed in that time with all that is stored around them, oldest first. Raises StoreBusyError."""
    after: tuple[datetime, str] | None = None
    while True:
        with store.transaction() as records:
            page = records.past.placed(since, until, after=after, limit=PAGE)
            if not page:
                return
            first, last = page[0].placed_at, page[-1].placed_at
            around = records.past.around(page, since=first - BACK, until=last + 2 * LATEST + BACK)
        yield from put_together(page, around)
        after = (last, page[-1].order_no)


def how_it_ended(past: PastOrder, moment: datetime, *, window: timedelta, now: datetime) -> bool | None:
    """Whether an order that was looked at then is lost; None while it is not settled, or nobody can say."""
    course = past.course
    back_for = went_back_for(course.order, course.changes, course.events)
    ended = ending(course.order, back_for=back_for, exposed_at=moment, window=window, now=now)
    if ended.until is not None or ended.outcome is Outcome.UNDECIDED:
        return None
    return ended.outcome is Outcome.LOST
