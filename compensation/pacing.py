"""Making a campaign's budget last: its fen get dearer when it runs ahead of the plan, and cheaper when it falls behind.

The price is the budget's Lagrange multiplier. Dual ascent on its logarithm adds step x (spent - planned) at every moment;
summed up since the campaign began that is step x (spent so far - planned so far), so the price follows from one figure of
the ledger that every server shares, and nothing has to be remembered. It is bounded on both sides.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from compensation.catalog import Row
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
    """How a budget is meant to be spent: evenly over the days in China from ``begins`` to ``ends``, both included.

    ``start`` is the price of a fen on plan, best the one ``allocate`` finds for past days: on a first day no ``step`` makes
    up for a bad start. A day's money ahead of the plan makes it exp(``step``) times as dear; it never passes ``most``.
    """

    cap_fen: int
    begins: date
    ends: date
    curve: Curve = FLAT
    start: float = 0.5
    step: float = 2.0
    most: float = 20.0

    def price(self, spent_fen: int, at: datetime) -> float:
        """``spent_fen``: reserved and used of the budget so far."""
        days = (self.ends - self.begins).days + 1
        planned = min(max(0.0, (china_date(at) - self.begins).days + self.curve.due(at)), float(days))
        ahead = spent_fen * days / max(1, self.cap_fen) - planned
        return min(self.start * math.exp(min(self.step * ahead, FARTHEST)), self.most)


def campaigns(rows: Iterable[Row]) -> Mapping[str, Pace]:
    """A pace for every budget that only rows with a first and a last day draw on."""
    dated: dict[str, list[Row]] = {}
    for row in rows:
        dated.setdefault(row.budget.budget_id, []).append(row)
    return {budget_id: pace for budget_id, own in dated.items() if (pace := _campaign(own)) is not None}


def _campaign(rows: Sequence[Row]) -> Pace | None:
    begins = [row.dates.begins for row in rows if row.dates.begins is not None]
    ends = [row.dates.ends for row in rows if row.dates.ends is not None]
    if len(begins) < len(rows) or len(ends) < len(rows):
        return None
    return Pace(cap_fen=rows[0].budget.cap_fen, begins=min(begins), ends=max(ends))


class Pacer:
    """A ShadowPrice: budgets without a pace are free, the others cost what was last observed makes them cost."""

    def __init__(self) -> None:
        self._observed: Mapping[str, tuple[Pace, int]] = {}

    def observe(self, paces: Mapping[str, Pace], spent_fen: Mapping[str, int]) -> None:
        """``spent_fen``: what each of the budgets has reserved and used."""
        self._observed = {budget_id: (pace, spent_fen.get(budget_id, 0)) for budget_id, pace in paces.items()}

    def __call__(self, budget_id: str, now: datetime) -> float:
        observed = self._observed.get(budget_id)
        return observed[0].price(observed[1], now) if observed is not None else 0.0
