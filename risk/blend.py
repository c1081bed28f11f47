"""The calibrated sum of what the context and the sequence say, and how sure the model is of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

T_90 = {2: 6.314, 3: 2.920, 4: 2.353, 5: 2.132}
"""Student's t by the number of members: two-sided 90 %, one degree of freedom less than members."""


@dataclass(frozen=True, kw_only=True)
class Blend:
    """The logit is ``bias + context * (mean of the members) + sequence * (sum of the tokens' shares)``; ``doubt`` (3, 3) is the
    covariance of the three numbers.
    """

    bias: float
    context: float
    sequence: float
    doubt: Floats

    def logits(self, members: Floats, sequence: Floats) -> Floats:
        """Members' logits (members, n) and the sequences' shares (n,) -> (n,)."""
        return np.asarray(self.bias + self.context * members.mean(axis=0) + self.sequence * sequence)

    def spread(self, members: Floats, sequence: Floats) -> Floats:
        """Half the width of the 90 % interval on the logit scale, (n,): the jackknife over left-out stretches.

        Each member lacks one stretch of the past, so their spread grows by one less than their number (Efron and Stein 1981).
        Added is how far the blend's own three numbers are unsure.
        """
        count = len(members)
        if count < 2:
            return np.zeros(members.shape[1])
        parts = np.column_stack([np.ones(members.shape[1]), members.mean(axis=0), sequence])
        blended = ((parts @ self.doubt) * parts).sum(axis=1)
        return np.asarray(T_90[count] * np.sqrt(self.context**2 * (count - 1) * members.var(axis=0) + blended))


def sigmoid(logit: float) -> float:
    """Never overflows."""
    return 0.5 * (1 + math.tanh(0.5 * logit))
