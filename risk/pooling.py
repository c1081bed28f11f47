"""What a category of goods adds: an own level, and how strongly it leans on price or on logistics, by partial pooling.

A category is a path, 家电/厨房/电饭煲. Every level of it has effects of its own, drawn to zero the harder the less is known
of it, and a category has the sum of its levels'. So one with little history behaves as its parent, one nobody has met as the
nearest part of its path that is known, and five hundred of them are one regression of a second.

A lean multiplies the shop-wide curves of some features: a share of -0.4 for price makes every price move count 40 % less
there. It never turns a curve round, so what may only raise the risk of the shop raises it in every category.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SEPARATOR = "/"
LEAST_LEAN = -1.0


@dataclass(frozen=True, kw_only=True)
class Pooling:
    """``effects`` (paths, 1 + drivers) are a path's level on the logit scale and its leans; ``drivers`` are columns of
    features, one group a lean.
    """

    paths: Mapping[str, int]
    effects: Floats
    drivers: tuple[tuple[int, ...], ...]

    def of(self, categories: Sequence[str]) -> Floats:
        """(n, 1 + drivers); zeros for a category of which no part is known."""
        known = {category: self._of(category) for category in set(categories)}
        return np.array([known[category] for category in categories], dtype=np.float64).reshape(
            len(categories), 1 + len(self.drivers)
        )

    def _of(self, category: str) -> Floats:
        nearest = [path for path in levels(category) if path in self.paths]
        return self.effects[self.paths[nearest[-1]]] if nearest else np.zeros(1 + len(self.drivers))

    def scaled(self, shares: Floats, of: Floats) -> Floats:
        """Shares of features (n, features) of orders whose effects are ``of``, with the leans applied."""
        leaning = shares.copy()
        for place, columns in enumerate(self.drivers, start=1):
            leaning[:, columns] *= 1 + of[:, [place]]
        return leaning


def levels(category: str) -> Iterator[str]:
    """The paths a category lies under, the widest first, itself last.

    >>> list(levels("家电/厨房/电饭煲"))
    ['家电', '家电/厨房', '家电/厨房/电饭煲']
    """
    parts = [part.strip() for part in category.split(SEPARATOR) if part.strip()]
    return (SEPARATOR.join(parts[: depth + 1]) for depth in range(len(parts)))
