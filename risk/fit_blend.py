"""Fits how context and sequence are blended, on orders the members had not seen."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from risk.blend import Blend, Floats

BOUNDS = ((None, None), (0.5, 2.0), (0.0, 1.5))
USUAL = np.array([0.0, 1.0, 1.0])
DOUBT = np.array([0.0, 10.0, 10.0])
"""How firmly each number is held at its usual value, in orders' worth of information: a small shop knows little better."""


def fit_blend(context: Floats, sequence: Floats, lost: Floats) -> Blend:
    """Logits of the context and shares of the sequence, (n,) each, newest orders -> their blend.

    Penalised maximum likelihood; neither part is ever turned round.
    """
    parts = np.column_stack([np.ones(len(lost)), context, sequence])
    found = minimize(_loss, USUAL, args=(parts, lost), jac=True, bounds=BOUNDS, method="L-BFGS-B").x
    chance = expit(parts @ found)
    curvature = (parts.T * (chance * (1 - chance))) @ parts + np.diag(np.maximum(DOUBT, 1e-6))
    return Blend(
        bias=float(found[0]),
        context=float(found[1]),
        sequence=float(found[2]),
        doubt=np.asarray(np.linalg.inv(curvature), dtype=np.float64),
    )


def _loss(line: Floats, parts: Floats, lost: Floats) -> tuple[float, Floats]:
    logits, off = parts @ line, line - USUAL
    value = (np.logaddexp(0.0, logits) - lost * logits).sum() + 0.5 * DOUBT @ off**2
    gradient = parts.T @ (expit(logits) - lost) + DOUBT * off
    return float(value) / len(lost), gradient / len(lost)
