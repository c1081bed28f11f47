"""Features a history is silent about: constant in it, so that nothing could be learnt of them.

Imported histories hold no conversations; a model of one would be deaf to 我要取消. Such features keep the points of the table
that serves without a model, counted from the value the history has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from risk.prior import POINTS

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Silent:
    """``usual``: the one value of each silent feature that has points, by name."""

    usual: Mapping[str, float]

    @staticmethod
    def of(names: tuple[str, ...], values: Floats) -> Silent:
        """Read from a table of (orders, features)."""
        constant = (values == values[:1]).all(axis=0)
        return Silent(
            usual={
                name: float(values[0, place]) for place, name in enumerate(names) if constant[place] and name in POINTS
            }
        )

    def shares(self, names: tuple[str, ...], values: Floats) -> Floats:
        """On the logit scale, (orders, features); zero wherever the history spoke."""
        shares = np.zeros(values.shape)
        for name, usual in self.usual.items():
            place = names.index(name)
            for least, points in POINTS[name]:
                shares[:, place] += points * ((values[:, place] >= least).astype(float) - float(usual >= least))
        return shares
