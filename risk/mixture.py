"""How much each of several models counts, and how sure their sum may be, from rows that none of them was taught."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

Floats = NDArray[np.float64]

HOLD = 25.0
"""How strongly the fit keeps to its start, in rows: with few rows it stays where it began."""
MOST = 2.0


@dataclass(frozen=True, kw_only=True)
class Mixture:
    """The logit is ``bias`` plus each model's logit times its share; no share is negative."""

    bias: float
    shares: tuple[float, ...]

    def probabilities(self, logits: Floats) -> Floats:
        """(models, n) -> (n,)."""
        return np.asarray(expit(self.bias + np.asarray(self.shares) @ logits), dtype=np.float64)


def mixture(logits: Floats, lost: Floats, weights: Floats | None = None) -> Mixture:
    """(models, n) logits of rows nobody was taught, and what became of them. It starts from the plain mean."""
    models = len(logits)
    start = np.append(np.full(models, 1 / models), 0.0)
    counts = np.ones(len(lost)) if weights is None else weights
    rows = np.vstack([logits, np.ones(len(lost))])

    def cost(point: Floats) -> tuple[float, Floats]:
        found = point @ rows
        loss = float(counts @ (np.logaddexp(0, found) - lost * found)) + HOLD * float(((point - start) ** 2).sum())
        slope = rows @ (counts * (expit(found) - lost)) + 2 * HOLD * (point - start)
        return loss, slope

    bounds = [(0.0, MOST)] * models + [(None, None)]
    point = minimize(cost, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    return Mixture(bias=float(point[-1]), shares=tuple(float(share) for share in point[:-1]))
