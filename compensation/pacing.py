"""Making a budget last its day: its fen get dearer when it runs ahead of the plan, and cheaper when it falls behind.

The price is the budget's Lagrange multiplier. Dual ascent on its logarithm adds step x (spent - planned) at every moment;
summed up since midnight that is step x (spent so far - planned so far), so the price follows from two figures that every
server shares, and nothing has to be remembered. It is bounded on both sides.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from compensation.words import CHINA, china_date

HOURS = 24
FLAT_WEIGHT = 24.0
FARTHEST = 100.0
"""An exponent past which every price is at its bound; exp() would not go on for ever."""


@dataclass(frozen=True, kw_only=True)
class Curve:
    """How a day's spending is spread over its hours in China: shares that sum to 1."""

    shares: tuple[float, ...]

    def due(self, at: datetime) -> float:
        """The share of the day's spending that is planned by then, 0..1."""
        local = at.astimezone(CHINA)
        into_hour = (local.minute * 60 + local.second) / 3600
        return sum(self.shares[: local.hour]) + self.shares[local.hour] * into_hour


FLAT = Curve(shares=(1 / HOURS,) * HOURS)


def learn_curve(moments: Iterable[datetime]) -> Curve:
    """The hours at which orders were in danger on past days, one more an hour so that no hour is impossible."""
    counts = [FLAT_WEIGHT / HOURS] * HOURS
    for moment in moments:
        counts[moment.astimezone(CHINA).hour] += 1
    return Curve(shares=tuple(count / sum(counts) for count in counts))


@dataclass(frozen=True, kw_only=True)
class Pace:
    """One budget's day: ``day_fen`` is what may be spent, above 0.

    ``start`` is the price at midnight, best the one ``allocate`` finds for a past day: no step makes up for a bad start.
    A whole day's money ahead of the plan makes it exp(``step``) times as dear; it never passes ``most``.
    """

    day_fen: int
    curve: Curve = FLAT
    start: float = 1.0
    step: float = 2.0
    most: float = 20.0

    def price(self, spent_fen: int, at: datetime) -> float:
        """``spent_fen``: reserved and used since midnight in China."""
        ahead = spent_fen / self.day_fen - self.curve.due(at)
        return min(self.start * math.exp(min(self.step * ahead, FARTHEST)), self.most)


def day_fen(*, left_fen: int, today: date, until: date) -> int:
    """An even part of what a campaign has left, its last day included; at least 1."""
    return max(1, left_fen // max(1, (until - today).days + 1))


class Pacer:
    """A ShadowPrice: budgets without a pace are free, the others cost what was last observed makes them cost."""

    def __init__(self, paces: Mapping[str, Pace]) -> None:
        self._paces = dict(paces)
        self._observed: tuple[date, Mapping[str, int]] = (date.min, {})

    @property
    def budgets(self) -> frozenset[str]:
        return frozenset(self._paces)

    def observe(self, spent_fen: Mapping[str, int], at: datetime) -> None:
        """What each budget has reserved and used since midnight in China."""
        self._observed = (china_date(at), dict(spent_fen))

    def __call__(self, budget_id: str, now: datetime) -> float:
        pace = self._paces.get(budget_id)
        if pace is None:
            return 0.0
        day, spent = self._observed
        return pace.price(spent.get(budget_id, 0) if day == china_date(now) else 0, now)
