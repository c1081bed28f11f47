"""The trained score: a sum of one curve a feature, calibrated, each share with its reason. numpy is all it needs."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from retention.case import Case
from retention.risk import Score, Similar
from risk.curves import Floats, Ramps
from risk.explanation import reasons
from risk.features import FEATURES, vector

FILE = "risk.json"
FORMAT = 1
MOST_SIMILAR = 3


class ModelUnusableError(ValueError):
    """The file is no risk model this version of the program can serve; train again."""


@dataclass(frozen=True, kw_only=True)
class PastOrders:
    """Orders to compare with: ``shares`` are their contributions, shape (orders, features).

    ``spread`` is the median distance of two of them; a distance d reads as a similarity of exp(-(d / spread)²).
    """

    order_nos: Sequence[str]
    cancelled: Sequence[bool]
    shares: Floats
    spread: float

    def nearest(self, shares: Floats, *, but: str) -> tuple[Similar, ...]:
        """The most alike first. Orders that differ only where it does not matter for the risk are alike."""
        if not self.order_nos:
            return ()
        distances = np.sqrt(((self.shares - shares) ** 2).sum(axis=1))
        closest = np.argpartition(distances, min(MOST_SIMILAR, len(distances) - 1))[: MOST_SIMILAR + 1].tolist()
        ranked = sorted(closest, key=lambda index: (distances[index], index))
        found = [index for index in ranked if self.order_nos[index] != but][:MOST_SIMILAR]
        return tuple(
            Similar(
                order_no=self.order_nos[index],
                similarity=math.exp(-((float(distances[index]) / self.spread) ** 2)),
                cancelled=self.cancelled[index],
            )
            for index in found
        )


@dataclass(frozen=True, kw_only=True)
class RiskModel:
    """``weights`` are one a ramp; ``centre`` is each feature's mean share, so a contribution says "than usual"."""

    version: str
    names: tuple[str, ...]
    ramps: Ramps
    weights: Floats
    bias: float
    centre: Floats
    past: PastOrders
    card: Mapping[str, Any]

    @staticmethod
    def load(folder: Path) -> RiskModel:
        """Raises FileNotFoundError when there is none and ModelUnusableError when it is not of this program."""
        path = folder / FILE
        try:
            return _read(json.loads(path.read_text(encoding="utf-8")))
        except (KeyError, TypeError, ValueError) as error:
            raise ModelUnusableError(f"{path}: {error!r} is not readable as a risk model; train again") from error

    def score(self, case: Case) -> Score:
        values = vector(case)
        shares = self.shares(np.array([values[name] for name in self.names], dtype=np.float64))
        return Score(
            probability=_sigmoid(self.bias + float(shares.sum())),
            reasons=reasons(values, dict(zip(self.names, shares.tolist(), strict=True))),
            similar=self.past.nearest(shares, but=case.order.order_no),
            model_version=self.version,
        )

    def contributions(self, case: Case) -> tuple[float, Mapping[str, float]]:
        """The bias and every feature's contribution; together they sum to the logit of the probability."""
        values = vector(case)
        shares = self.shares(np.array([values[name] for name in self.names], dtype=np.float64))
        return self.bias, dict(zip(self.names, shares.tolist(), strict=True))

    def shares(self, values: Floats) -> Floats:
        """Contributions of feature values in the order of ``names``, for one order (features,) or many (n, features)."""
        owner = self.ramps.feature[:, np.newaxis] == np.arange(len(self.names))
        shares: Floats = (self.ramps.encode(values) * self.weights) @ owner - self.centre
        return shares

    def score_many(self, cases: Sequence[Case]) -> tuple[Score, ...]:
        """As ``score`` one by one."""
        return tuple(self.score(case) for case in cases)

    def probabilities(self, cases: Sequence[Case]) -> Floats:
        """Of many orders at once, without reasons; shape (cases,)."""
        read = [vector(case) for case in cases]
        rows = [[values[name] for name in self.names] for values in read]
        return self.probabilities_of(np.array(rows, dtype=np.float64).reshape(len(rows), len(self.names)))

    def probabilities_of(self, values: Floats) -> Floats:
        """Feature values of shape (n, features) -> (n,)."""
        logits = self.bias + self.shares(values).sum(axis=-1)
        return np.asarray(1 / (1 + np.exp(-logits)), dtype=np.float64)


def _read(data: Mapping[str, Any]) -> RiskModel:
    if data["format"] != FORMAT:
        raise ValueError(f"format {data['format']}, this program reads {FORMAT}")
    unknown = sorted(set(data["names"]) - set(FEATURES))
    if unknown:
        raise ValueError(f"features unknown to this program: {', '.join(unknown)}")
    past = data["past"]
    names = tuple(data["names"])
    return RiskModel(
        version=str(data["version"]),
        names=names,
        ramps=Ramps(
            feature=np.array(data["ramps"]["feature"], dtype=np.intp),
            start=np.array(data["ramps"]["start"], dtype=np.float64),
            width=np.array(data["ramps"]["width"], dtype=np.float64),
        ),
        weights=np.array(data["weights"], dtype=np.float64),
        bias=float(data["bias"]),
        centre=np.array(data["centre"], dtype=np.float64),
        past=PastOrders(
            order_nos=past["order_nos"],
            cancelled=past["cancelled"],
            shares=np.array(past["shares"], dtype=np.float64).reshape(-1, len(names)),
            spread=float(past["spread"]),
        ),
        card=data["card"],
    )


def written(model: RiskModel) -> dict[str, Any]:
    """The model as JSON values; ``RiskModel.load`` reads it back."""
    return {
        "format": FORMAT,
        "version": model.version,
        "names": list(model.names),
        "ramps": {
            "feature": model.ramps.feature.tolist(),
            "start": model.ramps.start.tolist(),
            "width": model.ramps.width.tolist(),
        },
        "weights": model.weights.tolist(),
        "bias": model.bias,
        "centre": model.centre.tolist(),
        "past": {
            "order_nos": list(model.past.order_nos),
            "cancelled": list(model.past.cancelled),
            "shares": np.round(model.past.shares, 4).tolist(),
            "spread": model.past.spread,
        },
        "card": dict(model.card),
    }


def _sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))
