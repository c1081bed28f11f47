"""Each feature's share of the logit: a curve of straight pieces through its own values. Sums of curves are the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class Ramps:
    """``feature[i]`` is the column ramp ``i`` reads; it climbs from 0 at ``start[i]`` to 1 at ``start[i] + width[i]``."""

    feature: Indices
    start: Floats
    width: Floats

    def encode(self, values: Floats) -> Floats:
        """Values of shape (..., features) -> shares of every ramp climbed, shape (..., ramps), each 0..1."""
        climbed: Floats = np.clip((values[..., self.feature] - self.start) / self.width, 0.0, 1.0)
        return climbed


QUANTILES = (0.02, 0.25, 0.5, 0.75, 0.95)


def ramps_through(values: Floats) -> Ramps:
    """Ramps between a column's least value and the quantiles of what lies above it; a constant column gets none.

    Many features are zero for most orders, so quantiles of all values would fall together there.
    """
    rows: list[tuple[int, float, float]] = []
    for column in range(values.shape[1]):
        knots = _knots(values[:, column])
        rows.extend((column, left, right - left) for left, right in pairwise(knots))
    table = np.array(rows, dtype=np.float64).reshape(-1, 3)
    return Ramps(feature=table[:, 0].astype(np.intp), start=table[:, 1], width=table[:, 2])


def _knots(column: Floats) -> Sequence[float]:
    least = float(column.min())
    above = column[column > least]
    if above.size == 0:
        return ()
    knots = [least]
    for knot in np.quantile(above, QUANTILES):
        if knot > knots[-1] + 1e-6:
            knots.append(float(knot))
    return knots
