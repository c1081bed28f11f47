"""Which size is likely to fit: from the goods' size chart and from how buyers of that build kept what they bought. Pure.

Both come as events about the goods, without a word about any single person. A statement is only as sure as its evidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from math import sqrt

from retention.event import Event, latest

NEAR_CM, NEAR_KG = 4.0, 5.0
FEWEST_BUYERS = 8
MANY_BUYERS = 25


@dataclass(frozen=True, kw_only=True)
class Build:
    """What the shopper said of themselves. Centimetres and kilograms; ``usual`` as the shop writes sizes."""

    height_cm: float | None = None
    weight_kg: float | None = None
    usual: str | None = None

    @property
    def measures(self) -> Measures | None:
        if self.height_cm is None or self.weight_kg is None:
            return None
        return Measures(height_cm=self.height_cm, weight_kg=self.weight_kg)


@dataclass(frozen=True, kw_only=True)
class Measures:
    """Centimetres and kilograms, both known."""

    height_cm: float
    weight_kg: float


@dataclass(frozen=True, kw_only=True)
class ChartRow:
    """One size; from and up to, in centimetres and kilograms."""

    size: str
    height: tuple[float, float]
    weight: tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Bought:
    """What buyers of one build did with one size."""

    size: str
    height_cm: float
    weight_kg: float
    kept: int
    small: int  # sent back as too small
    large: int  # sent back as too large


class Sureness(str, Enum):
    SURE = "sure"  # chart and many buyers agree
    LIKELY = "likely"  # one of them says so clearly
    UNSURE = "unsure"  # between two sizes, or they disagree


@dataclass(frozen=True, kw_only=True)
class Advice:
    """``buyers`` near this build bought ``size`` and ``kept`` of them kept it; ``also`` is the size between which it lies."""

    size: str
    sureness: Sureness
    buyers: int
    kept: int
    by_chart: bool
    also: str | None = None


@dataclass(frozen=True, kw_only=True)
class Goods:
    """What is known of how some goods fit."""

    chart: tuple[ChartRow, ...] = ()
    history: tuple[Bought, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.chart or self.history)


def goods_of(events: Sequence[Event], sku: str) -> Goods:
    """The newest chart and the newest summary of buyers; rows that make no sense are left out."""
    chart = [_chart_row(row) for row in _rows(latest(events, "size.chart", sku=sku))]
    history = [_bought(row) for row in _rows(latest(events, "size.kept", sku=sku))]
    return Goods(
        chart=tuple(row for row in chart if row is not None),
        history=tuple(row for row in history if row is not None),
    )


def advise(goods: Goods, build: Build, sizes: Sequence[str]) -> Advice | None:
    """The size of ``sizes`` most likely to be kept; None when nothing known says which.

    Each size starts with what the chart makes of the build, as a few imagined buyers, and adds the real ones nearby; the
    best is the one whose kept share is high even at one deviation below its mean.
    """
    body = build.measures
    if body is None:
        return _by_usual(goods, build, sizes)
    fitting = [row.size for row in goods.chart if row.size in sizes and _fits(row, body)]
    near = {size: _near(goods.history, body, size) for size in sizes}
    if not fitting and all(buyers < FEWEST_BUYERS for buyers, _ in near.values()):
        return _closest(goods, body, sizes)
    ranked = sorted(sizes, key=lambda size: -_worth(near[size], size in fitting, bool(goods.chart)))
    best, second = ranked[0], ranked[1] if len(ranked) > 1 else None
    buyers, kept = near[best]
    by_chart = best in fitting
    clear = buyers >= FEWEST_BUYERS and kept >= 0.75 * buyers
    if by_chart and len(fitting) == 1 and clear and buyers >= MANY_BUYERS:
        sureness = Sureness.SURE
    elif (by_chart and len(fitting) == 1 and (clear or buyers < FEWEST_BUYERS)) or (clear and not goods.chart):
        sureness = Sureness.LIKELY
    else:
        sureness = Sureness.UNSURE
    also = next((size for size in fitting if size != best), None if by_chart else second)
    return Advice(
        size=best,
        sureness=sureness,
        buyers=buyers,
        kept=kept,
        by_chart=by_chart,
        also=also if sureness is Sureness.UNSURE else None,
    )


def runs(goods: Goods) -> str | None:
    """``small`` or ``large`` when most of what came back over its size came back for that; None when that is not known."""
    small, large = sum(row.small for row in goods.history), sum(row.large for row in goods.history)
    bought = small + large + sum(row.kept for row in goods.history)
    if small + large < FEWEST_BUYERS or (small + large) * 10 < bought or max(small, large) < 2 * min(small, large):
        return None
    return "small" if small > large else "large"


def _fits(row: ChartRow, body: Measures) -> bool:
    return row.height[0] <= body.height_cm <= row.height[1] and row.weight[0] <= body.weight_kg <= row.weight[1]


def _near(history: Sequence[Bought], body: Measures, size: str) -> tuple[int, int]:
    """Buyers near this build of a size, and those who kept it."""
    rows = [
        row
        for row in history
        if row.size == size
        and abs(row.height_cm - body.height_cm) <= NEAR_CM
        and abs(row.weight_kg - body.weight_kg) <= NEAR_KG
    ]
    kept = sum(row.kept for row in rows)
    return kept + sum(row.small + row.large for row in rows), kept


def _worth(near: tuple[int, int], fits: bool, has_chart: bool) -> float:
    """One deviation below the mean of a beta distribution."""
    good, bad = (3.0, 1.0) if fits else (1.0, 2.0) if has_chart else (1.0, 1.0)
    kept, back = near[1] + good, near[0] - near[1] + bad
    total = kept + back
    mean = kept / total
    return mean - sqrt(mean * (1 - mean) / (total + 1))


def _closest(goods: Goods, body: Measures, sizes: Sequence[str]) -> Advice | None:
    """Height says one size and weight another: the weight's, as it is what has to go in; said to be unsure."""
    by_weight = [
        row.size for row in goods.chart if row.size in sizes and row.weight[0] <= body.weight_kg <= row.weight[1]
    ]
    by_height = [
        row.size for row in goods.chart if row.size in sizes and row.height[0] <= body.height_cm <= row.height[1]
    ]
    if not by_weight or not by_height:
        return None
    return Advice(size=by_weight[-1], sureness=Sureness.UNSURE, buyers=0, kept=0, by_chart=True, also=by_height[0])


def _by_usual(goods: Goods, build: Build, sizes: Sequence[str]) -> Advice | None:
    """Without measures the usual size is all there is: true to size only when its buyers say so."""
    if build.usual is None or build.usual not in sizes:
        return None
    rows = [row for row in goods.history if row.size == build.usual]
    kept, back = sum(row.kept for row in rows), sum(row.small + row.large for row in rows)
    if kept + back < FEWEST_BUYERS:
        return None
    way = runs(goods)
    also = _next(sizes, build.usual, 1 if way == "small" else -1) if way is not None else None
    sureness = Sureness.LIKELY if way is None and kept >= 0.75 * (kept + back) else Sureness.UNSURE
    return Advice(size=build.usual, sureness=sureness, buyers=kept + back, kept=kept, by_chart=False, also=also)


def _next(sizes: Sequence[str], size: str, step: int) -> str | None:
    place = list(sizes).index(size) + step
    return sizes[place] if 0 <= place < len(sizes) else None


def _rows(event: Event | None) -> Sequence[Mapping[str, object]]:
    rows = event.data.get("rows") if event is not None else None
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, (list, tuple)) else []


def _chart_row(row: Mapping[str, object]) -> ChartRow | None:
    size, height, weight = row.get("size"), _range(row.get("height")), _range(row.get("weight"))
    if not isinstance(size, str) or not size or height is None or weight is None:
        return None
    return ChartRow(size=size.upper(), height=height, weight=weight)


def _range(value: object) -> tuple[float, float] | None:
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        return None
    low, high = (_number(part) for part in value)
    return (low, high) if low is not None and high is not None and low <= high else None


def _bought(row: Mapping[str, object]) -> Bought | None:
    size, height, weight = row.get("size"), _number(row.get("height")), _number(row.get("weight"))
    counts = [_number(row.get(name, 0)) for name in ("kept", "small", "large")]
    if not isinstance(size, str) or not size or height is None or weight is None:
        return None
    if any(count is None or count < 0 for count in counts):
        return None
    kept, small, large = (int(count or 0) for count in counts)
    return Bought(size=size.upper(), height_cm=height, weight_kg=weight, kept=kept, small=small, large=large)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
