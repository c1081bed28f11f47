"""How well a ranking by uplift finds those whom the treatment changes: Radcliffe's Qini, and uplift at a share.

As scikit-uplift 0.5.1 computes them (qini_auc_score with negative effects, uplift_at_k overall); the figures agreed with
that package's to 12 digits on random tables. It is not a dependency: it has had no release since 2022.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def qini(outcome: Ints, uplift: Floats, treatment: Ints) -> float:
    """Area between the Qini curve and the diagonal, as a share of the best possible ranking's."""
    best = _area(outcome, (outcome * (2 * treatment - 1)).astype(float), treatment)
    chance = _chance(outcome, treatment)
    return (_area(outcome, uplift, treatment) - chance) / (best - chance)


def uplift_at(share: float, outcome: Ints, uplift: Floats, treatment: Ints) -> float:
    """Difference of outcomes between treated and not among the ``share`` ranked first."""
    first = np.argsort(uplift, kind="stable")[::-1][: math.ceil(share * len(uplift))]
    treated = treatment[first] == 1
    return float(outcome[first][treated].mean() - outcome[first][~treated].mean())


def _area(outcome: Ints, uplift: Floats, treatment: Ints) -> float:
    order = np.argsort(uplift, kind="stable")[::-1]
    ends = np.append(np.flatnonzero(np.diff(uplift[order])), len(order) - 1)
    treated = np.cumsum(treatment[order])[ends]
    gained = np.cumsum(outcome[order] * treatment[order])[ends]
    lost = np.cumsum(outcome[order] * (1 - treatment[order]))[ends]
    others = ends + 1 - treated
    heights = gained - lost * np.divide(treated, others, out=np.zeros(len(ends)), where=others > 0)
    return float(np.trapezoid(np.append(0.0, heights), np.append(0, ends + 1)))


def _chance(outcome: Ints, treatment: Ints) -> float:
    treated, others = int(treatment.sum()), int((1 - treatment).sum())
    last = (outcome * treatment).sum() - (outcome * (1 - treatment)).sum() * treated / others
    return float(last) * len(outcome) / 2
