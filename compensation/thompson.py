"""Trying while choosing: an offer is chosen as often as it may be the best, and with which probability is known.

Only among offers inside every cap, rule and authority of the engine, and nothing at all when nothing may be worth the most;
an offer that is not expected to be worth its cost is tried only while that is in doubt. A published promise is due and
is never left to chance. The draw depends on the order and the day alone: asked again, the answer is the same, and who
the shopper is, where they live or what they hold in their hands plays no part in it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from compensation.candidate import Candidate
from compensation.engine import Engine
from compensation.guard import UNGUARDED, Guard
from compensation.words import china_date
from retention.case import Case
from retention.draw import draw
from retention.offer import Chance, NoOffer, Offer
from retention.risk import Score

NOTHING = "nothing"
EXPLORE = 0.02
"""Shared out evenly, so that no choice is ever too rare for the log to judge another by it."""
DOUBT = 2.0
"""An offer is tried while its gain would be above zero if it were so many standard deviations higher."""
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(41)
_SHARES = _WEIGHTS / _WEIGHTS.sum()


@dataclass(frozen=True, kw_only=True)
class Sampler:
    """A DecideOffer over what a guard leaves of an engine's offers. ``salt`` is the shop's own: nobody can foretell a draw."""

    engine: Engine
    salt: str
    guard: Guard = UNGUARDED

    def decide(self, case: Case, score: Score) -> Offer | NoOffer:
        """The offer, or the NoOffer, says what the draw was among."""
        candidates = self._candidates(case, score)
        if not candidates or candidates[0].standing:
            return self.guard.around(self.engine.decide, self.engine.quote)(case, score)
        odds = _shares(candidates)
        chances = tuple(_chance(each.offer, odds) for each in candidates if each.offer is not None)
        chosen = _draw(odds, self._unit(case))
        offer = next((each.offer for each in candidates if each.offer_id == chosen), None)
        if offer is not None:
            return replace(offer, chances=chances)
        why = "这次不提方案：是否值得还不确定"
        return NoOffer(rule="not_this_time", why=why, catalog_version=self.engine.version, chances=chances)

    def odds(self, case: Case, score: Score) -> Mapping[str, float]:
        """Probability of every offer, and of NOTHING, with which ``decide`` chooses in this case."""
        candidates = self._candidates(case, score)
        return _shares(candidates) if candidates else {NOTHING: 1.0}

    def _candidates(self, case: Case, score: Score) -> tuple[Candidate, ...]:
        """What the draw is among: the due promise alone, or else every offer that fits."""
        ranked = self.guard.sift(case, self.engine.quote(case, score, doubt=DOUBT))
        fitting = [each for each in ranked if each.offer is not None]
        return tuple(fitting[:1] if fitting and fitting[0].standing else fitting)

    def _unit(self, case: Case) -> float:
        """In [0, 1), of the order and the day in China."""
        key = f"{self.salt}:{case.order.order_no}:{china_date(case.now).isoformat()}"
        return draw(key)


def _chance(offer: Offer, odds: Mapping[str, float]) -> Chance:
    return Chance(
        offer_id=offer.offer_id,
        probability=odds[offer.offer_id],
        budget=offer.budget,
        reserve_fen=offer.reserve_fen,
        terms=offer.terms,
    )


def _draw(odds: Mapping[str, float], unit: float) -> str:
    ordered = sorted(odds)
    ends = accumulate(odds[name] for name in ordered)
    return next((name for name, end in zip(ordered, ends, strict=True) if unit < end), ordered[-1])


def _shares(candidates: Sequence[Candidate]) -> dict[str, float]:
    """The probability that each one's gain is the highest and above zero, gains being normal around what is expected."""
    if candidates[0].standing:
        return {candidates[0].offer_id: 1.0}
    names = [*(each.offer_id for each in candidates), NOTHING]
    means = [float(each.offer.expected_gain_fen) if each.offer else 0.0 for each in candidates]
    spreads = [max(each.deviation_fen, 1.0) for each in candidates]
    best = _best(np.array([*means, 0.0]), np.array([*spreads, 1.0]))
    return {name: (1 - EXPLORE) * float(share) + EXPLORE / len(names) for name, share in zip(names, best, strict=True)}


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
