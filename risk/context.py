"""What is known of an order without its sequence: shop-wide curves, a category's own effects, and trees on top.

There are several members, each learnt without one stretch of the past. Served is their mean; how far they lie apart says how
much the past has to say about such an order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from risk.booster import Booster
from risk.curves import Floats, Ramps
from risk.pooling import Pooling


@dataclass(frozen=True, kw_only=True, eq=False)
class Member:
    """``weights`` (ramps,) and ``bias`` of the curves."""

    weights: Floats
    bias: float
    pooling: Pooling
    booster: Booster


@dataclass(frozen=True, kw_only=True, eq=False)
class Context:
    """``values`` are (n, features) everywhere, ``categories`` n paths."""

    ramps: Ramps
    features: int
    members: tuple[Member, ...]

    @cached_property
    def owner(self) -> Floats:
        """(ramps, features), 1 where a ramp is a feature's."""
        owner: Floats = (self.ramps.feature[:, np.newaxis] == np.arange(self.features)).astype(np.float64)
        return owner

    def logits(self, values: Floats, categories: Sequence[str]) -> Floats:
        """Every member's, (members, n)."""
        climbed = self.ramps.encode(values)
        return np.array([self._logits(member, climbed, values, categories) for member in self.members])

    def _logits(self, member: Member, climbed: Floats, values: Floats, categories: Sequence[str]) -> Floats:
        effects = member.pooling.of(categories)
        shares = member.pooling.scaled(self.curve_shares(member, climbed), effects)
        logits: Floats = member.bias + shares.sum(axis=1) + effects[:, 0] + member.booster.logits(values)
        return logits

    def shares(self, values: Floats, categories: Sequence[str]) -> tuple[float, Floats, Floats]:
        """The mean over the members of what does not depend on the order, the mean of every feature's share with the
        category's level last, (n, features + 1), and every member's logits, (members, n).
        """
        climbed = self.ramps.encode(values)
        bias, total, logits = 0.0, np.zeros((len(values), values.shape[1] + 1)), []
        for member in self.members:
            effects = member.pooling.of(categories)
            curves = member.pooling.scaled(self.curve_shares(member, climbed), effects)
            grown = member.booster.shares(values)
            shares = np.column_stack([curves + grown[:, :-1], effects[:, 0]])
            own_bias = member.bias + grown[0, -1] if len(grown) else member.bias
            logits.append(own_bias + shares.sum(axis=1))
            bias, total = bias + own_bias, total + shares
        return float(bias) / len(self.members), total / len(self.members), np.array(logits)

    def curve_shares(self, member: Member, climbed: Floats) -> Floats:
        """Of each feature, (n, features), before a category leans on any."""
        return np.asarray((climbed * member.weights) @ self.owner, dtype=np.float64)
