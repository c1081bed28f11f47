"""Which of two models is live: a challenger has to be better on orders that neither has learnt from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FEWEST_ORDERS = 300
FEWEST_LOST = 20
DRAWS = 2000
SURE = 0.95
LEAST = 1e-6
"""Probabilities are held away from 0 and 1, or one sure mistake would decide everything."""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Of one model on the judged orders; lower is better."""

    log_loss: float
    brier: float


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """``better`` is the rule's answer, ``why`` it in Chinese. ``gain`` is by how much the challenger's mean log loss is
    lower, ``low`` and ``high`` its 95 % interval over redrawn orders.
    """

    better: bool
    why: str
    orders: int
    lost: int
    champion: Figures | None = None
    challenger: Figures | None = None
    gain: float = 0.0
    low: float = 0.0
    high: float = 0.0


def judge(lost: Floats, champion: Floats, challenger: Floats, *, seed: int = 0) -> Verdict:
    """Compare the probabilities two models gave the same orders; all of shape (orders,), ``lost`` of 0 and 1.

    The challenger wins when its log loss is lower in 19 of 20 redraws of the orders (a paired bootstrap: each redraw takes
    the same orders for both) and its Brier score is no worse. With too few orders, or too few lost, nobody wins.
    """
    orders, gone = len(lost), int(lost.sum())
    if orders < FEWEST_ORDERS or min(gone, orders - gone) < FEWEST_LOST:
        why = (
            f"两个模型都没学过的已结算订单还不够：{orders} 单、流失 {gone} 单，"
            f"至少要 {FEWEST_ORDERS} 单，流失和留住各 {FEWEST_LOST} 单"
        )
        return Verdict(better=False, why=why, orders=orders, lost=gone)
    before, after = _losses(lost, champion), _losses(lost, challenger)
    gains = _redrawn(before - after, seed)
    old = Figures(log_loss=float(before.mean()), brier=_brier(lost, champion))
    new = Figures(log_loss=float(after.mean()), brier=_brier(lost, challenger))
    surely = float(np.quantile(gains, 1 - SURE)) > 0
    better = surely and new.brier <= old.brier
    return Verdict(
        better=better,
        why=_why(old, new, surely=surely),
        orders=orders,
        lost=gone,
        champion=old,
        challenger=new,
        gain=old.log_loss - new.log_loss,
        low=float(np.quantile(gains, 0.025)),
        high=float(np.quantile(gains, 0.975)),
    )


def _losses(lost: Floats, probabilities: Floats) -> Floats:
    held = np.clip(probabilities, LEAST, 1 - LEAST)
    losses: Floats = -(lost * np.log(held) + (1 - lost) * np.log1p(-held))
    return losses


def _redrawn(differences: Floats, seed: int) -> Floats:
    """Mean difference in each redraw; how often an order is drawn is counted, so memory stays that of one redraw."""
    rng, count = np.random.default_rng(seed), len(differences)
    return np.array([differences[rng.integers(0, count, count)].mean() for _ in range(DRAWS)])


def _brier(lost: Floats, probabilities: Floats) -> float:
    return float(((probabilities - lost) ** 2).mean())


def _why(old: Figures, new: Figures, *, surely: bool) -> str:
    figures = f"对数损失 {old.log_loss:.4f} → {new.log_loss:.4f}，Brier {old.brier:.4f} → {new.brier:.4f}"
    if not surely:
        return f"新模型没有明确更好（{figures}）"
    if new.brier > old.brier:
        return f"新模型对数损失更低，但 Brier 更差（{figures}）"
    return f"新模型更好（{figures}）"
