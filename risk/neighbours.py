"""Past orders that looked like this one, and what became of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from retention.risk import Similar

Floats = NDArray[np.float64]

MOST_SIMILAR = 3
LEAST_SPREAD = 1e-6


@dataclass(frozen=True, kw_only=True)
class PastOrders:
    """Orders to compare with: ``shares`` are all their contributions, shape (orders, contributions).

    ``spread`` is the median distance of two of them; a distance d reads as a similarity of exp(-(d / spread)²).
    """

    order_nos: Sequence[str]
    cancelled: Sequence[bool]
    shares: Floats
    spread: float

    @cached_property
    def lengths(self) -> Floats:
        """Squared, (orders,)."""
        lengths: Floats = (self.shares**2).sum(axis=1)
        return lengths

    @staticmethod
    def of(order_nos: Sequence[str], cancelled: Sequence[bool], shares: Floats) -> PastOrders:
        apart = np.sqrt(((shares[:-1] - shares[1:]) ** 2).sum(axis=1))
        spread = max(LEAST_SPREAD, float(np.median(apart))) if len(apart) else 1.0
        return PastOrders(order_nos=order_nos, cancelled=cancelled, shares=shares, spread=spread)

    def nearest(self, shares: Floats, *, but: str) -> tuple[Similar, ...]:
        """The most alike first. Orders that differ only where it does not matter for the risk are alike."""
        if not self.order_nos:
            return ()
        squares = self.lengths - 2 * (self.shares @ shares) + shares @ shares  # no copy of all the shares
        distances = np.sqrt(np.maximum(squares, 0.0))
        closest = np.argpartition(distances, min(MOST_SIMILAR, len(distances) - 1))[: MOST_SIMILAR + 1].tolist()
        ranked = sorted(closest, key=lambda index: (distances[index], index))
        found = [index for index in ranked if self.order_nos[index] != but][:MOST_SIMILAR]
        return tuple(
            Similar(
                order_no=self.order_nos[index],
                similarity=math.exp(-((float(distances[index]) / self.spread) ** 2)),
                cancelled=self.cancelled[index],
            )
            for index in found
        )
