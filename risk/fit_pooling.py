"""Fits the effects of categories: one penalised regression whose penalties are learnt from the spread of the effects."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from scipy.special import expit

from risk.pooling import LEAST_LEAN, SEPARATOR, Floats, Pooling, levels

ROUNDS = 6
FIRST_SPREAD = 0.3
LEAST_SPREAD, LARGEST_SPREAD = 0.01, 1.5


def fit_pooling(
    shares: Floats,
    categories: Sequence[str],
    lost: Floats,
    *,
    offset: Floats,
    drivers: tuple[tuple[int, ...], ...],
    weights: Floats | None = None,
) -> Pooling:
    """``shares`` (n, features) are the shop-wide curves', which the leans multiply; ``offset`` (n,) is the logit without
    categories; ``weights`` (n,) say how much each order counts.
    """
    paths = {path: row for row, path in enumerate(sorted({path for each in set(categories) for path in levels(each)}))}
    width = 1 + len(drivers)
    empty = Pooling(paths=paths, effects=np.zeros((len(paths), width)), drivers=drivers)
    if not paths:
        return empty
    columns = np.column_stack([np.ones(len(lost)), *(shares[:, list(group)].sum(axis=1) for group in drivers)])
    design = _design(paths, categories, columns)
    depths = np.repeat([path.count(SEPARATOR) for path in paths], width)
    kinds = depths * width + np.tile(np.arange(width), len(paths))  # a penalty each: level and leans, by depth
    counted = np.ones(len(lost)) if weights is None else weights
    own = _fitted(design, lost, offset, counted, kinds).reshape(len(paths), width)
    effects = np.array([sum(own[paths[level]] for level in levels(path)) for path in paths])
    effects[:, 1:] = np.maximum(effects[:, 1:], LEAST_LEAN)
    return Pooling(paths=paths, effects=effects, drivers=drivers)


def _design(paths: dict[str, int], categories: Sequence[str], columns: Floats) -> csr_matrix:
    """(n, paths x columns): a row holds its columns once for every level of its category."""
    width = columns.shape[1]
    of = {category: [paths[path] for path in levels(category)] for category in set(categories)}
    counts = np.array([len(of[category]) for category in categories])
    rows = np.repeat(np.arange(len(categories)), counts)
    nodes = np.array([node for category in categories for node in of[category]], dtype=np.intp)
    places = (nodes[:, np.newaxis] * width + np.arange(width)).ravel()
    return csr_matrix(
        (columns[rows].ravel(), (np.repeat(rows, width), places)), shape=(len(categories), len(paths) * width)
    )


def _fitted(design: csr_matrix, lost: Floats, offset: Floats, weights: Floats, kinds: NDArray[np.intp]) -> Floats:
    """Empirical Bayes: the spread of each kind of effect, and the effects given the spreads, in turn."""
    squared = design.multiply(design)
    spread = np.full(kinds.max() + 1, FIRST_SPREAD)
    effects = np.zeros(design.shape[1])
    for _ in range(ROUNDS):
        scale = spread[kinds]
        effects = (
            scale
            * minimize(
                _loss,
                effects / scale,
                args=(design, lost, offset, weights, scale),
                jac=True,
                method="L-BFGS-B",
                options={"maxiter": 100},
            ).x
        )
        chance = expit(design @ effects + offset)
        uncertain = 1 / (squared.T @ (weights * chance * (1 - chance)) + 1 / scale**2)
        total = np.bincount(kinds, effects**2 + uncertain, minlength=len(spread))
        met = np.maximum(np.bincount(kinds, minlength=len(spread)), 1)
        spread = np.clip(np.sqrt(total / met), LEAST_SPREAD, LARGEST_SPREAD)
    return np.asarray(effects, dtype=np.float64)


def _loss(
    unit: Floats, design: csr_matrix, lost: Floats, offset: Floats, weights: Floats, scale: Floats
) -> tuple[float, Floats]:
    logits = design @ (unit * scale) + offset
    value = weights @ (np.logaddexp(0.0, logits) - lost * logits) + 0.5 * unit @ unit
    gradient = scale * (design.T @ (weights * (expit(logits) - lost))) + unit
    return float(value), np.asarray(gradient, dtype=np.float64)
