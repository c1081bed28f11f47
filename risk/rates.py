"""How often a category was lost, pooled along its path: from the whole over parents to children, from earlier rows alone.

A child's rate is a beta posterior whose mean before seeing the child is its parent's rate; how much a parent counts is the
number of rows that makes what was seen most likely (empirical Bayes). A child never seen says what its parent says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, logit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STRENGTHS = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
"""How many rows a parent may count for."""


@dataclass(frozen=True, kw_only=True)
class Past:
    """What is known of n rows. ``days`` may have any origin; ``half_life`` in days, None for no fading."""

    days: Floats
    lost: Floats
    known: NDArray[np.bool_]
    half_life: float | None = None

    def weights(self, moment: float) -> Floats:
        """What each row counts for at a moment: 0 unless its outcome is known and it is earlier."""
        usable = self.known & (self.days < moment)
        if self.half_life is None:
            return usable.astype(np.float64)
        age = np.where(usable, moment - self.days, 0.0)
        return np.where(usable, 0.5 ** (age / self.half_life), 0.0)


def pooled(path: Sequence[Ints], past: Past, moments: Sequence[float]) -> Floats:
    """(n,) logit of each row's rate less that of the whole, as known at the last of ``moments`` not after the row.

    ``path`` is one code (n,) a level, the parent first; codes are 0 and up and a child's code is unique under its parent.
    Rows before the first moment get 0: nothing was known. The rows from one moment to the next share what they know, so
    a row's own neighbours, whose outcomes nobody had seen, never speak for it.
    """
    found = np.zeros(len(past.days))
    turns = np.searchsorted(np.sort(np.asarray(moments, dtype=np.float64)), past.days, side="right")
    for turn, moment in enumerate(sorted(moments), start=1):
        rows = turns == turn
        weights = past.weights(moment)
        if not rows.any() or not weights.any():
            continue
        whole = _inside(float(weights @ past.lost) / float(weights.sum()), float(weights.sum()))
        rates = np.full(len(found), whole)
        for codes in path:
            rates = _posterior(codes, weights, past.lost, rates)
        found[rows] = (logit(rates) - logit(whole))[rows]
    return found


def _inside(rate: float, rows: float) -> float:
    """Neither 0 nor 1: one row more that is half lost."""
    return (rate * rows + 0.5) / (rows + 1)


def _posterior(codes: Ints, weights: Floats, lost: Floats, parents: Floats) -> Floats:
    size = int(codes.max()) + 1
    seen = np.bincount(codes, weights, size).astype(np.float64)
    gone = np.bincount(codes, weights * lost, size).astype(np.float64)
    prior = np.zeros(size)
    prior[codes] = parents
    strength = _strength(seen, gone, prior)
    posterior = (gone + strength * prior) / (seen + strength)
    return np.asarray(posterior[codes], dtype=np.float64)


def _strength(seen: Floats, gone: Floats, prior: Floats) -> float:
    """The most likely of STRENGTHS under a beta-binomial; the greatest where children say nothing of their own."""
    there = seen > 0
    gone, kept, prior = gone[there], (seen - gone)[there], prior[there]
    likelihoods = [
        float((betaln(gone + m * prior, kept + m * (1 - prior)) - betaln(m * prior, m * (1 - prior))).sum())
        for m in STRENGTHS
    ]
    return max(zip(likelihoods, STRENGTHS, strict=True))[1]
