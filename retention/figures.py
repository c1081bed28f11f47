"""How the people did: what a supervisor looks at. Pure; from handoffs and ratings alone."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from retention.handoff import Handoff, HandoffState
from retention.rating import ENDED_BY_ASSOCIATE, SCORES, Rating
from retention.staffing import Sla
from retention.words import CHINA


@dataclass(frozen=True, kw_only=True)
class Csat:
    """``mean`` is None without a rating; ``by_score`` has every score, worst first."""

    n: int
    mean: float | None
    by_score: Mapping[int, int]


@dataclass(frozen=True, kw_only=True)
class Work:
    """What one associate did with the handoffs of the time asked for.

    ``handled`` are those they ended, and theirs is the resolution, whoever had them before. A first reply is theirs who
    gave it, whoever got the handoff later. Both are counted from the claim, which is when the associate begins; seconds,
    None without any.
    """

    handled: int
    first_reply_p50_s: float | None
    first_reply_p90_s: float | None
    resolution_p50_s: float | None
    csat: Csat


@dataclass(frozen=True, kw_only=True)
class Figures:
    """``by_hour``: handoffs opened in each hour of the day in China. ``..._kept``: share 0..1 of those whose time is up
    or that were answered, None when there is none."""

    work: Mapping[str, Work]
    causes: Sequence[tuple[str, int]]
    by_hour: Sequence[int]
    first_reply_kept: float | None
    resolution_kept: float | None
    csat: Csat


def figures(handoffs: Sequence[Handoff], ratings: Mapping[str, Rating], *, sla: Sla, now: datetime) -> Figures:
    """``ratings`` by handoff id."""
    people = sorted({name for one in handoffs for name in (one.associate, one.first_reply_by) if name})
    causes = Counter(one.reason for one in handoffs)
    hours = Counter(one.opened_at.astimezone(CHINA).hour for one in handoffs)
    waited = [one for one in handoffs if one.state is not HandoffState.CANCELLED]
    return Figures(
        work={name: _work(name, handoffs, ratings) for name in people},
        causes=sorted(causes.items(), key=lambda each: (-each[1], each[0])),
        by_hour=[hours[hour] for hour in range(24)],
        first_reply_kept=_kept([(one.opened_at, one.first_reply_at) for one in waited], sla.first_reply, now),
        resolution_kept=_kept([(one.opened_at, _ended_at(one)) for one in waited], sla.resolution, now),
        csat=_csat(ratings[one.handoff_id] for one in handoffs if one.handoff_id in ratings),
    )


def _work(name: str, handoffs: Sequence[Handoff], ratings: Mapping[str, Rating]) -> Work:
    held = [one for one in handoffs if one.associate == name]
    handled = [one for one in held if one.state in ENDED_BY_ASSOCIATE]
    answered = [one for one in handoffs if one.first_reply_by == name]
    replies = [_seconds(one.first_reply_since, one.first_reply_at) for one in answered]
    resolutions = [_seconds(one.claimed_at, one.closed_at) for one in handled]
    return Work(
        handled=len(handled),
        first_reply_p50_s=_percentile(replies, 0.5),
        first_reply_p90_s=_percentile(replies, 0.9),
        resolution_p50_s=_percentile(resolutions, 0.5),
        csat=_csat(ratings[one.handoff_id] for one in held if one.handoff_id in ratings),
    )


def _ended_at(handoff: Handoff) -> datetime | None:
    """When an associate ended it: one that ran out was not resolved."""
    return handoff.closed_at if handoff.state in ENDED_BY_ASSOCIATE else None


def _seconds(since: datetime | None, until: datetime | None) -> float | None:
    return (until - since).total_seconds() if since and until and since <= until else None


def _percentile(values: Iterable[float | None], share: float) -> float | None:
    """The nearest rank: a time that was really taken."""
    known = sorted(value for value in values if value is not None)
    return known[math.ceil(share * len(known)) - 1] if known else None


def _kept(spans: Iterable[tuple[datetime, datetime | None]], promised: timedelta, now: datetime) -> float | None:
    """Those still within their time count for nothing yet."""
    verdicts = [
        (done or now) - opened <= promised for opened, done in spans if done is not None or now - opened > promised
    ]
    return sum(verdicts) / len(verdicts) if verdicts else None


def _csat(ratings: Iterable[Rating]) -> Csat:
    scores = [rating.score for rating in ratings]
    counts = Counter(scores)
    return Csat(
        n=len(scores),
        mean=sum(scores) / len(scores) if scores else None,
        by_score={score: counts[score] for score in SCORES},
    )


IDLE = _work("", (), {})
"""The work of who did nothing."""
