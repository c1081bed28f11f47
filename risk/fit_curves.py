"""Fits the shop-wide curves: a logistic regression over ramps whose directions are fixed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from risk.curves import Floats, Ramps

RIDGE = 2.0


def fit_curves(
    ramps: Ramps, values: Floats, lost: Floats, directions: Sequence[int], weights: Floats | None = None
) -> tuple[Floats, float]:
    """Weights (ramps,) and bias by penalised maximum likelihood; each ramp may only go its feature's way."""
    bounds: list[tuple[float | None, float | None]] = [
        (0.0 if directions[index] > 0 else None, 0.0 if directions[index] < 0 else None) for index in ramps.feature
    ]
    climbed = np.column_stack([ramps.encode(values), np.ones(len(lost))])
    found = minimize(
        _loss,
        np.zeros(climbed.shape[1]),
        args=(climbed, lost, np.ones(len(lost)) if weights is None else weights),
        jac=True,
        bounds=[*bounds, (None, None)],
        method="L-BFGS-B",
        options={"maxiter": 500},
    )
    return np.asarray(found.x[:-1], dtype=np.float64), float(found.x[-1])


def _loss(line: Floats, climbed: Floats, lost: Floats, counted: Floats) -> tuple[float, Floats]:
    logits = climbed @ line
    penalised = np.append(line[:-1], 0.0)
    value = counted @ (np.logaddexp(0.0, logits) - lost * logits) + 0.5 * RIDGE * (penalised @ penalised)
    gradient = climbed.T @ (counted * (expit(logits) - lost)) + RIDGE * penalised
    return float(value) / len(lost), gradient / len(lost)
