"""Trying while choosing: an offer is chosen as often as it may be the best, and with which probability is known.

Only among offers that passed every hurdle of the engine, so sampling can break no cap and no rule. A published promise
is due and is never left to chance. The draw depends on the order and the day alone: asked again, the answer is the same,
and who the shopper is, where they live or what they hold in their hands plays no part in it.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from compensation.engine import Candidate, Engine
from compensation.words import china_date
from retention.case import Case
from retention.offer import NoOffer, Offer
from retention.risk import Score

EXPLORE = 0.02
"""Shared out evenly, so that no offer that fits is ever too rare for the log to judge another choice by it."""
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(41)
_SHARES = _WEIGHTS / _WEIGHTS.sum()


@dataclass(frozen=True, kw_only=True)
class Sampler:
    """A DecideOffer over an engine. ``salt`` is the shop's own, so that nobody outside can foretell a draw."""

    engine: Engine
    salt: str

    def decide(self, case: Case, score: Score) -> Offer | NoOffer:
        best = self.engine.decide(case, score)
        return best if isinstance(best, NoOffer) else draw(self.candidates(case, score), self._unit(case)).offer or best

    def odds(self, case: Case, score: Score) -> Mapping[str, float]:
        """Probability of every offer that ``decide`` may give in this case; empty when it gives none."""
        if isinstance(self.engine.decide(case, score), NoOffer):
            return {}
        candidates = self.candidates(case, score)
        return dict(zip((each.offer_id for each in candidates), shares(candidates), strict=True))

    def candidates(self, case: Case, score: Score) -> tuple[Candidate, ...]:
        """What the draw is among: the due promise alone, or else every offer that fits."""
        fitting = [each for each in self.engine.quote(case, score) if each.offer is not None]
        return tuple(fitting[:1] if fitting and fitting[0].standing else fitting)

    def _unit(self, case: Case) -> float:
        """In [0, 1), of the order and the day in China."""
        key = f"{self.salt}:{case.order.order_no}:{china_date(case.now).isoformat()}"
        return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") / 2**64


def draw(candidates: Sequence[Candidate], unit: float) -> Candidate:
    """One of at least one, each as likely as ``shares`` says."""
    ordered = sorted(zip(candidates, shares(candidates), strict=True), key=lambda pair: pair[0].offer_id)
    ends = accumulate(share for _, share in ordered)
    return next((each for (each, _), end in zip(ordered, ends, strict=True) if unit < end), ordered[-1][0])


def shares(candidates: Sequence[Candidate]) -> list[float]:
    """The probability that each one's gain is the highest, gains being normal around what is expected, and EXPLORE."""
    means = [float(each.offer.expected_gain_fen) if each.offer else 0.0 for each in candidates]
    best = _best(np.array(means), np.array([max(each.deviation_fen, 1.0) for each in candidates]))
    even = 1 / len(candidates)
    return [(1 - EXPLORE) * float(share) + EXPLORE * even for share in best]


def _best(means: NDArray[np.float64], spreads: NDArray[np.float64]) -> NDArray[np.float64]:
    """By Gauss-Hermite quadrature over each one's own gain. What the draw uses is what is recorded, to the last bit."""
    gains = means[:, None] + spreads[:, None] * _NODES
    heights = (gains[:, None, :] - means[None, :, None]) / spreads[None, :, None]
    below = _normal(heights)
    for own in range(len(means)):
        below[own, own] = 1.0
    found: NDArray[np.float64] = below.prod(axis=1) @ _SHARES
    total = found.sum()
    return found / total if total > 0 else np.full(len(means), 1 / len(means))


def _normal(heights: NDArray[np.float64]) -> NDArray[np.float64]:
    flat = [0.5 * math.erfc(-height / math.sqrt(2)) for height in heights.ravel().tolist()]
    return np.array(flat).reshape(heights.shape)
