"""What an offer changes, learnt from settled orders: one small Bayesian regression over offers, reasons and value tiers.

P(lost) of an order is what it would be without an offer, times one less the share of such orders that the offer keeps:

    lost = a p + b p (1 - p) + c[reason] p - effect p + noise
    effect = offer + offer:reason + offer:tier + offer:reason:tier + offer:p (1 - p) + offer:size x

``p`` is the risk score; ``a``, ``b`` and ``c`` put it right by the hold-out; ``x`` is the logarithm of the order's margin over
an ordinary one's. Each term starts at its prior, an offer at the
catalog's ``kept`` and the others at nothing, and moves as far as the orders seen outweigh that prior: a group hardly
ever seen borrows from its offer as a whole. How much groups differ at all, the evidence (marginal likelihood) says.
Everything is linear and Gaussian, so the posterior is exact and takes only sums over the groups.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compensation.catalog import Row
from compensation.effect import PRIOR_ORDERS, Estimate, prior_effect
from compensation.eligibility import cause_of
from compensation.ridge import Posterior, posterior
from compensation.words import GENERAL
from retention.case import Case
from retention.risk import Score

Floats = NDArray[np.float64]
Term = tuple[str, ...]

FIXED_SPREADS = {"score": 0.3, "bend": 1.0, "reason": 0.1, "offer bend": 0.1, "offer size": 0.05}
GROUP_SPREADS = (0.02, 0.05, 0.1, 0.2)
"""How much the groups of one offer may differ; the evidence picks one."""
ORDINARY_FEN = 6_000
LARGEST = 3.0
LEAST_SHARE = 0.05
DATA_SHARE = 0.5


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One settled order: ``offer_id`` is what it was offered, None for nothing, ``reason`` the cause it was decided for.

    ``probability`` is the risk score before anything was offered; ``kept`` says how it ended.
    """

    offer_id: str | None
    reason: str
    tier: str
    probability: float
    margin_fen: int
    kept: bool


@dataclass(frozen=True, kw_only=True)
class Uplift:
    """The posterior: ``place`` of every term seen, ``mean`` and ``covariance`` of them all.

    ``supposed`` is the catalog's ``kept`` of each offer, ``group_spread`` the prior deviation of a group's difference.
    """

    place: Mapping[Term, int]
    mean: Floats
    covariance: Floats
    supposed: Mapping[str, float]
    group_spread: float

    def estimate(self, *, offer_id: str, reason: str, tier: str, probability: float, margin_fen: int) -> Estimate:
        """``data`` once the orders seen say more than the prior does. Raises KeyError for an offer not fitted."""
        terms = _terms(offer_id, reason, tier)
        columns = np.array([each[0] for each in _columns(np.array([probability]), np.array([margin_fen]))])
        before = np.array([_prior_spread(term, self.supposed, self.group_spread) for term in terms]) ** 2
        known = np.array([term in self.place for term in terms])
        places = [self.place[term] for term in terms if term in self.place]
        mean = np.where(known, 0.0, [_centre(term, self.supposed) for term in terms])
        mean[known] = self.mean[places]
        variance = float(columns[known] @ self.covariance[np.ix_(places, places)] @ columns[known])
        variance += float(columns[~known] ** 2 @ before[~known])
        return Estimate(
            mean=probability * float(columns @ mean),
            deviation=probability * math.sqrt(max(0.0, variance)),
            source="data" if variance <= DATA_SHARE * float(columns**2 @ before) else "prior",
        )


def fit(seen: Iterable[Seen], supposed: Mapping[str, float]) -> Uplift:
    """``supposed``: the catalog's ``kept`` of every offer; orders with other offers are left out."""
    groups = _groups(order for order in seen if order.offer_id is None or order.offer_id in supposed)
    place = _places(groups)
    sums = _sums(groups, place, supposed)
    centre = np.array([_centre(term, supposed) for term in place])
    pull = sums.losses - sums.products @ centre
    tried = {spread: _posterior(sums, pull, place, supposed, spread) for spread in GROUP_SPREADS}
    group_spread = max(tried, key=lambda spread: tried[spread].evidence)
    best = tried[group_spread]
    return Uplift(
        place=place,
        mean=centre + best.shift,
        covariance=best.covariance,
        supposed=dict(supposed),
        group_spread=group_spread,
    )


def _posterior(
    sums: _Sums, pull: Floats, place: Mapping[Term, int], supposed: Mapping[str, float], group_spread: float
) -> Posterior:
    spreads = np.array([_prior_spread(term, supposed, group_spread) for term in place])
    return posterior(sums.products, pull, spreads)


class LearnedEffect:
    """An EstimateEffect that is as good as what it was last taught; before that, and for new offers, the prior."""

    def __init__(self) -> None:
        self._uplift: Uplift | None = None

    @property
    def is_taught(self) -> bool:
        return self._uplift is not None

    def learn(self, seen: Iterable[Seen], rows: Sequence[Row]) -> None:
        self._uplift = fit(seen, {row.offer_id: row.kept for row in rows})

    def __call__(self, row: Row, case: Case, score: Score) -> Estimate:
        uplift = self._uplift
        if uplift is None or uplift.supposed.get(row.offer_id) != row.kept:
            return prior_effect(row, case, score)
        return uplift.estimate(
            offer_id=row.offer_id,
            reason=cause_of(row, case) or GENERAL,
            tier=case.customer.tier,
            probability=score.probability,
            margin_fen=case.order.margin_fen,
        )


_Groups = Mapping[tuple[str | None, str, str], tuple[Floats, Floats, Floats]]
"""Offer, reason, tier -> scores, margins, losses."""


def _groups(seen: Iterable[Seen]) -> _Groups:
    found: dict[tuple[str | None, str, str], list[tuple[float, float, float]]] = {}
    for order in seen:
        facts = (order.probability, float(order.margin_fen), float(not order.kept))
        found.setdefault((order.offer_id, order.reason, order.tier), []).append(facts)
    return {key: _transposed(found[key]) for key in sorted(found, key=str)}


def _transposed(facts: Sequence[tuple[float, float, float]]) -> tuple[Floats, Floats, Floats]:
    scores, margin_fen, losses = np.array(facts).T
    return scores, margin_fen, losses


def _terms(offer_id: str, reason: str, tier: str) -> tuple[Term, ...]:
    return (
        ("offer", offer_id),
        ("offer reason", offer_id, reason),
        ("offer tier", offer_id, tier),
        ("offer reason tier", offer_id, reason, tier),
        ("offer bend", offer_id),
        ("offer size", offer_id),
    )


def _columns(scores: Floats, margin_fen: Floats) -> tuple[Floats, ...]:
    """What each of an offer's terms is multiplied with, a row an order."""
    one = np.ones(len(scores))
    size = np.clip(np.log(np.maximum(margin_fen, 1) / ORDINARY_FEN), -LARGEST, LARGEST)
    return one, one, one, one, 1 - scores, size


def _places(groups: _Groups) -> dict[Term, int]:
    place: dict[Term, int] = {("score",): 0, ("bend",): 1}
    for offer_id, reason, tier in groups:
        for term in (("reason", reason), *(_terms(offer_id, reason, tier) if offer_id is not None else ())):
            place.setdefault(term, len(place))
    return place


@dataclass(frozen=True, kw_only=True)
class _Sums:
    products: Floats  # of the terms with one another, weighed by how sure a loss at that score is
    losses: Floats


def _sums(groups: _Groups, place: Mapping[Term, int], supposed: Mapping[str, float]) -> _Sums:
    products, losses = np.zeros((len(place), len(place))), np.zeros(len(place))
    for (offer_id, reason, tier), (scores, margin_fen, lost) in groups.items():
        expected = np.clip(scores * (1 - supposed.get(offer_id or "", 0.0)), LEAST_SHARE, 1 - LEAST_SHARE)
        weights = 1 / (expected * (1 - expected))
        own = [place[("score",)], place[("bend",)], place[("reason", reason)]]
        columns = [scores, scores * (1 - scores), scores]
        if offer_id is not None:
            own += [place[term] for term in _terms(offer_id, reason, tier)]
            columns += [-scores * each for each in _columns(scores, margin_fen)]
        matrix = np.stack(columns)
        products[np.ix_(own, own)] += (matrix * weights) @ matrix.T
        losses[own] += matrix @ (weights * lost)
    return _Sums(products=products, losses=losses)


def _centre(term: Term, supposed: Mapping[str, float]) -> float:
    if term == ("score",):
        return 1.0
    return supposed[term[1]] if term[0] == "offer" else 0.0


def _prior_spread(term: Term, supposed: Mapping[str, float], group_spread: float) -> float:
    if term[0] in FIXED_SPREADS:
        return FIXED_SPREADS[term[0]]
    return _spread(supposed[term[1]]) if term[0] == "offer" else group_spread


def _spread(kept: float) -> float:
    return math.sqrt(kept * (1 - kept) / (PRIOR_ORDERS + 1))
