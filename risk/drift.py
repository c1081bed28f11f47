"""Whether a model still fits: are the orders it scores like those it was measured on, and do its probabilities come true?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

QUANTILES = tuple(step / 8 for step in range(1, 8))
WATCHED, MOVED = 0.10, 0.25
"""Population stability index from which a look, and from which an act is due: the usual rule of credit scoring."""
FEWEST = 200
"""Scores, or settled scores, below which chance alone moves the figures."""
BANDS = (0.0, 0.1, 0.3, 0.5, 0.7, 1.0)
BINS = 10
Z95 = 1.959964


@dataclass(frozen=True, kw_only=True)
class Reference:
    """How the values lay when the model was measured: ``edges`` ascending, ``shares`` of the bins between them, one more.

    A value falls into the bin after the last edge it is above: the first bin holds what is at or below the first edge.
    """

    edges: tuple[float, ...]
    shares: tuple[float, ...]
    count: int

    def shares_of(self, values: Floats) -> Floats:
        found = np.bincount(np.searchsorted(np.array(self.edges), values, side="left"), minlength=len(self.shares))
        return np.asarray(found / max(1, len(values)), dtype=np.float64)


def reference(values: Floats) -> Reference:
    """Bins of one feature, or of the score: what is least has its own (most features are zero for most orders), the rest is
    cut at quantiles.
    """
    least = float(values.min()) if len(values) else 0.0
    above = values[values > least]
    cuts = sorted({least, *(float(cut) for cut in np.quantile(above, QUANTILES))}) if len(above) else [least]
    empty = Reference(edges=tuple(cuts), shares=tuple(0.0 for _ in range(len(cuts) + 1)), count=len(values))
    return Reference(edges=empty.edges, shares=tuple(empty.shares_of(values).tolist()), count=len(values))


def stability(before: Reference, values: Floats) -> float:
    """Population stability index: sum of (now - then) ln(now / then) over the bins. Zero when nothing moved; never negative.

    An empty bin counts as half an order, or one order more would make it infinite.
    """
    then = np.maximum(np.array(before.shares), 0.5 / max(1, before.count))
    now = np.maximum(before.shares_of(values), 0.5 / max(1, len(values)))
    return float(((now - then) * np.log(now / then)).sum())


@dataclass(frozen=True, kw_only=True)
class Band:
    """Settled scores between two probabilities: how many were to be lost, and were; the interval is of the observed share."""

    low: float
    high: float
    orders: int
    expected: float
    observed: float
    interval: tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """``expected`` and ``observed`` are mean probability and share lost; ``ece`` the mean gap over ten bins of equal size."""

    orders: int
    expected: float
    observed: float
    ece: float
    bands: tuple[Band, ...]


def calibration(probabilities: Floats, lost: Floats) -> Calibration | None:
    """Of settled scores, both of shape (orders,); None when there are fewer than ``FEWEST``."""
    if len(lost) < FEWEST:
        return None
    bins = np.array_split(np.argsort(probabilities, kind="stable"), BINS)
    gaps = [abs(float(lost[each].mean() - probabilities[each].mean())) * len(each) for each in bins]
    return Calibration(
        orders=len(lost),
        expected=float(probabilities.mean()),
        observed=float(lost.mean()),
        ece=sum(gaps) / len(lost),
        bands=tuple(_bands(probabilities, lost)),
    )


def _bands(probabilities: Floats, lost: Floats) -> Sequence[Band]:
    made = []
    for low, high in pairwise(BANDS):
        inside = (probabilities >= low) & ((probabilities < high) | (high == BANDS[-1]))
        if count := int(inside.sum()):
            observed = float(lost[inside].mean())
            made.append(
                Band(
                    low=low,
                    high=high,
                    orders=count,
                    expected=float(probabilities[inside].mean()),
                    observed=observed,
                    interval=wilson(observed, count),
                )
            )
    return made


def wilson(share: float, count: int) -> tuple[float, float]:
    """95 % interval of a share."""
    scale = 1 + Z95**2 / count
    centre = (share + Z95**2 / (2 * count)) / scale
    half = Z95 * math.sqrt(share * (1 - share) / count + Z95**2 / (4 * count**2)) / scale
    return max(0.0, centre - half), min(1.0, centre + half)


SCORE = "score"
"""The name of the probability itself beside the features'."""


def references(rows: Sequence[Mapping[str, float]], probabilities: Floats) -> Mapping[str, Reference]:
    """Of every feature and of the score. A name that a row lacks was zero there."""
    names = sorted({name for row in rows for name in row})
    found = {name: reference(_column(rows, name)) for name in names}
    return {**found, SCORE: reference(probabilities)}


def moved(
    before: Mapping[str, Reference], rows: Sequence[Mapping[str, float]], probabilities: Floats
) -> Mapping[str, float]:
    """Stability index by name, most moved first; empty while there are fewer than ``FEWEST`` scores."""
    if len(rows) < FEWEST:
        return {}
    found = {
        name: stability(then, probabilities if name == SCORE else _column(rows, name)) for name, then in before.items()
    }
    return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))


def _column(rows: Sequence[Mapping[str, float]], name: str) -> Floats:
    return np.array([row.get(name, 0.0) for row in rows], dtype=np.float64)
