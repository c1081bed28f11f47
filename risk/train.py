"""Training of the risk model: a logistic regression over curves whose directions are fixed, then calibrated."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.metrics import brier_score_loss, roc_auc_score
from threadpoolctl import threadpool_limits

from retention.case import Case
from risk.curves import Floats, Ramps, ramps_through
from risk.feature import Direction
from risk.features import FEATURES, names, vector
from risk.model import FILE, PastOrders, RiskModel, written
from risk.prior import BASE, contributions

TEST_SHARE = 0.2
FOLDS = 5
RIDGE = 2.0
REFERENCE_ORDERS = 1000
FEWEST = 200

Progress = Callable[[str, float], None]


@dataclass(frozen=True, kw_only=True)
class Table:
    """Past orders as numbers, oldest first: ``values`` (n, features), ``lost`` (n,)."""

    values: Floats
    lost: Floats
    order_nos: tuple[str, ...]
    first: str
    last: str

    def part(self, start: int, end: int) -> Table:
        return replace(
            self, values=self.values[start:end], lost=self.lost[start:end], order_nos=self.order_nos[start:end]
        )


def train(
    histories: Iterable[tuple[Case, bool]], out: Path, *, seed: int = 0, progress: Progress = lambda _, __: None
) -> dict[str, Any]:
    """Fit on the older orders, measure on the newest fifth, write ``out/risk.json`` at once or not at all.

    ``histories`` are cases as they stood at some moment before the order's end, and whether it was lost. Returns the
    model's card. Raises ValueError when there are too few orders, or none lost, or none kept.
    """
    table = _tabulated(histories, progress)
    n = len(table.lost)
    test_from = round(n * (1 - TEST_SHARE))
    progress("正在拟合风险模型", 0.7)
    older = table.part(0, test_from)
    ramps = ramps_through(older.values)
    # One thread: the sums come out the same on every machine, and threads that wait for a busy core are far slower.
    with threadpool_limits(limits=1):
        weights, bias = _calibrated(ramps, older, *_fitted(ramps, older))
    progress("正在评估风险模型", 0.95)
    model = _model(ramps, weights, bias, older, seed)
    card = {**_card(table, seed), **_measured(model, table.part(test_from, n))}
    _write(replace(model, version=f"risk-{card['data_hash'][:8]}", card=card), out)
    progress("风险模型已就绪", 1.0)
    return card


def _tabulated(histories: Iterable[tuple[Case, bool]], progress: Progress) -> Table:
    rows = []
    for count, (case, lost) in enumerate(histories, start=1):
        rows.append((case.now, case.order.order_no, bool(lost), list(vector(case).values())))
        if count % 2000 == 0:
            progress(f"已读取 {count} 个历史订单", 0.7 * (1 - 1 / (1 + count / 20_000)))
    lost_count = sum(lost for _, _, lost, _ in rows)
    if len(rows) < FEWEST or not 0 < lost_count < len(rows):
        raise ValueError(
            f"a risk model needs at least {FEWEST} past orders, some lost and some kept;"
            f" got {len(rows)} of which {lost_count} lost"
        )
    rows.sort(key=lambda row: (row[0], row[1]))
    return Table(
        values=np.array([values for *_, values in rows], dtype=np.float64),
        lost=np.array([lost for _, _, lost, _ in rows], dtype=np.float64),
        order_nos=tuple(order_no for _, order_no, _, _ in rows),
        first=rows[0][0].isoformat(),
        last=rows[-1][0].isoformat(),
    )


def _fitted(ramps: Ramps, table: Table) -> tuple[Floats, float]:
    """Weights by penalised maximum likelihood; each ramp may only go its feature's way."""
    features = [FEATURES[names[index]] for index in ramps.feature]
    bounds: list[tuple[float | None, float | None]] = [
        (
            0.0 if each.direction is Direction.RAISES else None,
            0.0 if each.direction is Direction.LOWERS else None,
        )
        for each in features
    ]
    climbed = np.column_stack([ramps.encode(table.values), np.ones(len(table.lost))])
    found = minimize(
        _loss,
        np.zeros(climbed.shape[1]),
        args=(climbed, table.lost),
        jac=True,
        bounds=[*bounds, (None, None)],
        method="L-BFGS-B",
        options={"maxiter": 500},
    )
    return np.asarray(found.x[:-1], dtype=np.float64), float(found.x[-1])


def _loss(weights: Floats, climbed: Floats, lost: Floats) -> tuple[float, Floats]:
    logits = climbed @ weights
    penalised = np.append(weights[:-1], 0.0)
    value = np.logaddexp(0.0, logits).sum() - lost @ logits + 0.5 * RIDGE * (penalised @ penalised)
    gradient = climbed.T @ (expit(logits) - lost) + RIDGE * penalised
    return float(value) / len(lost), gradient / len(lost)


def _calibrated(ramps: Ramps, table: Table, weights: Floats, bias: float) -> tuple[Floats, float]:
    """Platt's scaling, learned on orders each left out of a fit, folded into the weights: shares still sum to the logit."""
    unseen = np.empty(len(table.lost))
    for fold in np.array_split(np.arange(len(table.lost)), FOLDS):
        rest = np.delete(np.arange(len(table.lost)), fold)
        part, part_bias = _fitted(ramps, replace(table, values=table.values[rest], lost=table.lost[rest]))
        unseen[fold] = ramps.encode(table.values[fold]) @ part + part_bias
    climbed = np.column_stack([unseen, np.ones(len(unseen))])
    line = minimize(
        _platt_loss,
        np.array([1.0, 0.0]),
        args=(climbed, table.lost),
        jac=True,
        bounds=[(0.2, 5.0), (None, None)],
        method="L-BFGS-B",
    ).x
    return weights * float(line[0]), bias * float(line[0]) + float(line[1])


def _platt_loss(line: Floats, climbed: Floats, lost: Floats) -> tuple[float, Floats]:
    logits = climbed @ line
    value = (np.logaddexp(0.0, logits) - lost * logits).mean()
    return float(value), climbed.T @ (expit(logits) - lost) / len(lost)


def _model(ramps: Ramps, weights: Floats, bias: float, table: Table, seed: int) -> RiskModel:
    """Centre every feature's share on its mean and keep a random sample of orders to compare with."""
    nobody = PastOrders(order_nos=(), cancelled=(), shares=np.zeros((0, len(names))), spread=1.0)
    raw = RiskModel(
        version="",
        names=names,
        ramps=ramps,
        weights=weights,
        bias=bias,
        centre=np.zeros(len(names)),
        past=nobody,
        card={},
    )
    centre = raw.shares(table.values).mean(axis=0)
    centred = replace(raw, centre=centre, bias=bias + float(centre.sum()))
    rng = np.random.default_rng(seed)
    kept = np.sort(rng.choice(len(table.lost), size=min(REFERENCE_ORDERS, len(table.lost)), replace=False))
    shares = centred.shares(table.values[kept])
    apart = np.sqrt(((shares[:-1] - shares[1:]) ** 2).sum(axis=1))
    past = PastOrders(
        order_nos=tuple(table.order_nos[index] for index in kept),
        cancelled=tuple(bool(table.lost[index]) for index in kept),
        shares=shares,
        spread=max(1e-6, float(np.median(apart))),
    )
    return replace(centred, past=past)


def _card(table: Table, seed: int) -> dict[str, Any]:
    digest = hashlib.sha256()
    for part in ("\n".join(names).encode(), table.values.tobytes(), table.lost.tobytes(), str(seed).encode()):
        digest.update(part)
    return {
        "orders": len(table.lost),
        "lost": int(table.lost.sum()),
        "features": len(names),
        "from": table.first,
        "to": table.last,
        "seed": seed,
        "data_hash": digest.hexdigest(),
    }


def _measured(model: RiskModel, table: Table) -> dict[str, Any]:
    """On orders newer than all the model has seen; the points table on the same orders beside it."""
    probabilities = model.probabilities_of(table.values)
    prior = expit([BASE + sum(contributions(dict(zip(names, row, strict=True))).values()) for row in table.values])
    return {
        "test_orders": len(table.lost),
        "test_lost": int(table.lost.sum()),
        **accuracy(table.lost, probabilities),
        "prior": accuracy(table.lost, np.asarray(prior)),
    }


def accuracy(lost: Floats, probabilities: Floats) -> dict[str, float | None]:
    """AUC (None when all ended alike), Brier score and expected calibration error over ten bins of equal size."""
    auc = None if lost.min() == lost.max() else round(float(roc_auc_score(lost, probabilities)), 4)
    bins = np.array_split(np.argsort(probabilities, kind="stable"), 10)
    gaps = [abs(lost[each].mean() - probabilities[each].mean()) * len(each) for each in bins if len(each)]
    return {
        "auc": auc,
        "brier": round(float(brier_score_loss(lost, probabilities)), 4),
        "ece": round(float(sum(gaps)) / len(lost), 4),
    }


def _write(model: RiskModel, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    part = out / f"{FILE}.part"
    part.write_text(json.dumps(written(model), ensure_ascii=False), encoding="utf-8")
    os.replace(part, out / FILE)
