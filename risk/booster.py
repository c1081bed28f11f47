"""Boosted trees over the features, on top of what the curves say: what features do together.

LightGBM keeps every feature's direction and explains its own sums exactly. It needs the system's libgomp.so.1, which slim
images lack.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from risk.unusable import LibraryMissingError, ModelUnusableError

Floats = NDArray[np.float64]

MISSING = "风险模型要用的 LightGBM 加载不了，多半是缺系统库 libgomp1：请运行 apt-get install libgomp1 再重启"


def lightgbm() -> Any:
    """The library. Raises LibraryMissingError when the system lacks what it needs."""
    try:
        import lightgbm as library
    except (ImportError, OSError) as error:
        raise LibraryMissingError(MISSING) from error
    return library


@dataclass(frozen=True, kw_only=True, eq=False)
class Booster:
    """``text`` is the model as LightGBM writes it."""

    text: str
    trees: Any

    @staticmethod
    def of(text: str) -> Booster:
        """Raises ModelUnusableError, LibraryMissingError among them."""
        library = lightgbm()
        try:
            return Booster(text=text, trees=library.Booster(model_str=text))
        except library.basic.LightGBMError as error:
            raise ModelUnusableError(f"{error} while reading the trees; train again") from error

    def logits(self, values: Floats) -> Floats:
        """(n, features) -> (n,), to be added to what the trees were grown on."""
        return np.asarray(self.trees.predict(values, raw_score=True, num_threads=1), dtype=np.float64)

    def shares(self, values: Floats) -> Floats:
        """(n, features) -> (n, features + 1): the shares of ``logits``, and last what does not depend on the values."""
        return np.asarray(self.trees.predict(values, pred_contrib=True, num_threads=1), dtype=np.float64)


@dataclass(frozen=True, kw_only=True)
class Growth:
    """How the trees grow. Shallow and slow: on top of curves there is little left to find, and noise enough."""

    rounds: int = 150
    rate: float = 0.03
    depth: int = 3
    smallest_leaf: int = 60
    ridge: float = 5.0
    features: float = 0.6
    orders: float = 0.8


def grow(
    values: Floats,
    lost: Floats,
    *,
    offset: Floats | None,
    directions: Sequence[int],
    seed: int,
    growth: Growth,
    weights: Floats | None = None,
) -> Booster:
    """Trees that add to ``offset`` (n,), the logit so far. ``directions`` (features,) are 1, -1 or 0. The same seed grows
    the same trees. Raises LibraryMissingError.
    """
    library = lightgbm()
    parameters = {
        "objective": "binary",
        "learning_rate": growth.rate,
        "max_depth": growth.depth,
        "num_leaves": 2**growth.depth,
        "min_data_in_leaf": growth.smallest_leaf,
        "lambda_l2": growth.ridge,
        "feature_fraction": growth.features,
        "bagging_fraction": growth.orders,
        "bagging_freq": 1,
        "monotone_constraints": list(directions),
        "monotone_constraints_method": "intermediate",
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,  # the sums come out the same on every machine
        "seed": seed,
        "verbose": -1,
    }
    table = library.Dataset(values, lost, weight=weights, init_score=offset)
    trees = library.train(parameters, table, growth.rounds)
    return Booster.of(trees.model_to_string())
