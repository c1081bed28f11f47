"""What another choice would have been worth, from what was logged while this one was in force."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compensation.lift import student

Floats = NDArray[np.float64]

FEW_ROWS = 100
FEW_EFFECTIVE = 50.0
THIN_SHARE = 0.1
HEAVY_SHARE = 0.1
UNSEEN_SHARE = 0.01
STRANGE_DEVIATIONS = 4.0


@dataclass(frozen=True, kw_only=True)
class Logged:
    """One decision as it was logged, and what would be done now.

    ``propensity`` is the probability, above 0, with which ``action`` was chosen then; ``target`` holds the probability
    of every action in the choice to be judged, ``predicted`` the reward a model expects of each. An action without a
    prediction counts as 0: the estimate stays unbiased and only gets wider.
    """

    action: str
    propensity: float
    reward: float
    target: Mapping[str, float]
    predicted: Mapping[str, float]

    @property
    def weight(self) -> float:
        return self.target.get(self.action, 0.0) / self.propensity

    @property
    def expected(self) -> float:
        """Reward of the choice to be judged, by the model alone."""
        return sum(share * self.predicted.get(action, 0.0) for action, share in self.target.items())


@dataclass(frozen=True, kw_only=True)
class Estimated:
    """A mean reward a decision, and its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Caution:
    """Why an estimate may mislead: the rule's name and Chinese for an operator."""

    rule: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Value:
    """Inverse propensity, self-normalised and doubly robust estimates of one and the same mean reward.

    ``effective_n`` (Kish) is how many decisions of the judged choice itself would tell as much.
    """

    ips: Estimated
    snips: Estimated
    dr: Estimated
    effective_n: float
    warnings: tuple[Caution, ...]


def evaluate(rows: Sequence[Logged], level: float = 0.95) -> Value:
    """Raises ValueError without at least two rows, for a propensity outside (0, 1] and for a target that is no distribution."""
    _check(rows)
    weights = np.array([row.weight for row in rows])
    rewards = np.array([row.reward for row in rows])
    modelled = np.array([row.expected for row in rows])
    misses = rewards - np.array([row.predicted.get(row.action, 0.0) for row in rows])
    total = float(weights.sum())
    return Value(
        ips=_mean(weights * rewards, level),
        snips=_ratio(weights, rewards, level),
        dr=_mean(modelled + weights * misses, level),
        effective_n=total**2 / float(weights @ weights) if total else 0.0,
        warnings=_cautions(rows, weights),
    )


def _check(rows: Sequence[Logged]) -> None:
    if len(rows) < 2:
        raise ValueError(f"{len(rows)} logged decisions; expected at least 2")
    for place, row in enumerate(rows):
        if not 0 < row.propensity <= 1:
            raise ValueError(f"row {place}: propensity {row.propensity}; expected above 0, up to 1")
        shares = row.target.values()
        if any(share < 0 for share in shares) or not math.isclose(sum(shares), 1.0, abs_tol=1e-6):
            raise ValueError(f"row {place}: target {dict(row.target)}; expected shares that sum to 1")


def _mean(values: Floats, level: float) -> Estimated:
    return _around(float(values.mean()), float(values.std(ddof=1)) / math.sqrt(len(values)), len(values), level)


def _ratio(weights: Floats, rewards: Floats, level: float) -> Estimated:
    """Weighted mean; its deviation by the delta method. No weight at all tells nothing, and says 0."""
    total = float(weights.sum())
    if not total:
        return Estimated(value=0.0, low=-math.inf, high=math.inf)
    value = float(weights @ rewards) / total
    deviation = float(np.linalg.norm(weights * (rewards - value))) / total
    return _around(value, deviation, len(weights), level)


def _around(value: float, deviation: float, n: int, level: float) -> Estimated:
    reach = student(n - 1, level) * deviation
    return Estimated(value=value, low=value - reach, high=value + reach)


def _cautions(rows: Sequence[Logged], weights: Floats) -> tuple[Caution, ...]:
    n, total, squares = len(rows), float(weights.sum()), float(weights @ weights)
    effective_n = total**2 / squares if total else 0.0
    logged = {row.action for row in rows}
    unseen = sum(share for row in rows for action, share in row.target.items() if action not in logged) / n
    deviation = float(weights.std(ddof=1)) / math.sqrt(n)
    found = (
        (n < FEW_ROWS, "few_rows", f"只有 {n} 条记录，至少要 {FEW_ROWS} 条"),
        (
            effective_n < max(FEW_EFFECTIVE, THIN_SHARE * n),
            "thin_overlap",
            f"新旧做法重合太少：{n} 条记录只顶得上 {effective_n:.0f} 条",
        ),
        (
            total > 0 and float(weights.max()) > HEAVY_SHARE * total,
            "heavy_weight",
            f"单独一条记录占了总权重的 {float(weights.max()) / max(total, 1e-300):.0%}，结果靠少数几单撑着",
        ),
        (unseen > UNSEEN_SHARE, "unseen_action", f"新做法有 {unseen:.0%} 的决定在记录里从未出现过，无从估计"),
        (
            abs(total / n - 1) > STRANGE_DEVIATIONS * deviation + UNSEEN_SHARE,
            "strange_weights",
            f"权重平均为 {total / n:.2f}，应接近 1：记录的选择概率可能不对",
        ),
    )
    return tuple(Caution(rule=rule, why=why) for holds, rule, why in found if holds)
