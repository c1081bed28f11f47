"""Linear regression with a normal prior on every coefficient, exact: posterior and evidence from sums alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Posterior:
    """How far the coefficients move from their prior mean, how unsure they are then, and the log evidence for the prior.

    The evidence lacks what no choice of the prior's deviations changes: it compares, and means nothing by itself.
    """

    shift: Floats
    covariance: Floats
    evidence: float


def posterior(products: Floats, pull: Floats, spreads: Floats) -> Posterior:
    """For columns X and weights W (one over the variance of the noise).

    ``products`` is X'WX, ``pull`` is X'W times what the prior mean leaves unexplained, ``spreads`` the prior's deviations.
    """
    # In units of the deviations the matrix is well conditioned, however little was seen.
    scaled = np.eye(len(spreads)) + spreads[:, None] * products * spreads
    shift = np.linalg.solve(scaled, spreads * pull)
    return Posterior(
        shift=spreads * shift,
        covariance=spreads[:, None] * np.linalg.inv(scaled) * spreads,
        evidence=float(spreads * pull @ shift - np.linalg.slogdet(scaled)[1]) / 2,
    )
