"""Learns from whole conversations when a supervisor takes over, by what is said and what came before. Needs scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from language.encoder.encodes import Encodes
from language.model import Floats, sigmoid
from language.normalise import normalise
from language.takeover import Takeover, meaning_of
from language.train_heads import Ints
from retention.hearing import Before

_STRENGTH = 0.001  # by cross-validation over writers; from 0.0003 to 0.003 all are alike
_FOLDS = 7


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One message of a conversation, and whether a supervisor takes over at it."""

    conversation: str
    text: str
    before: Before | None
    takes_over: bool


def learn_takeover(encoder: Encodes, exchanges: Sequence[Exchange]) -> tuple[Takeover, Floats]:
    """The model, and what it says of each exchange after learning from other conversations only."""
    rows = np.stack(
        [meaning_of(encoder, normalise(each.text).text, each.before) for each in exchanges], dtype=np.float64
    )
    truth = np.array([each.takes_over for each in exchanges])
    of = np.unique([each.conversation for each in exchanges], return_inverse=True)[1]
    apart = np.empty(len(exchanges))
    for others, some in GroupKFold(_FOLDS).split(rows, truth, of):
        apart[some] = _margins(_fit(rows[others], truth[others]), rows[some])
    return _fit(rows, truth), sigmoid(apart)


def _fit(rows: Floats, truth: Ints) -> Takeover:
    middle, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    model = LogisticRegression(C=_STRENGTH, max_iter=2000).fit((rows - middle) / spread, truth)
    weights = model.coef_[0] / spread
    return Takeover(weights=weights.astype(np.float32), start=float(model.intercept_[0] - weights @ middle))


def _margins(model: Takeover, rows: Floats) -> Floats:
    margins: Floats = rows @ model.weights + model.start
    return margins
