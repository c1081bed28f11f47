"""The linear models over both views of a text: how it is spelt, and what the encoder makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.svm import LinearSVC

from language.features import Views
from language.model import Floats
from language.utterances import Utterance
from language.vectors import Vectoriser
from retention.hearing import Emotion, Reason

Ints: TypeAlias = npt.NDArray[np.int64]
Bools: TypeAlias = npt.NDArray[np.bool_]
REASONS = tuple(reason.value for reason in Reason)
EMOTIONS = tuple(emotion.value for emotion in Emotion)

_CHARS, _WORDS, _MARKS = 0, 1, 2
# Logits of the three intent models are brought to one spread before they are averaged.
_SPREADS = {"chars": 1.14, "words": 1.40, "margin": 0.22}
_PATIENCE = 1000  # iterations; 100 to 300 are needed


@dataclass(frozen=True, kw_only=True)
class Labels:
    """One row an utterance. ``flags``: reasons, then escalate; ``emotions``: places in ``EMOTIONS``."""

    names: tuple[str, ...]
    intents: Ints
    flags: Bools
    emotions: Ints
    intensities: Floats

    def of(self, rows: Ints) -> Labels:
        return Labels(
            names=self.names,
            intents=self.intents[rows],
            flags=self.flags[rows],
            emotions=self.emotions[rows],
            intensities=self.intensities[rows],
        )


@dataclass(frozen=True, kw_only=True)
class Heads:
    """``weights``: (width, outputs): intents, flags, emotions, intensity."""

    weights: Floats
    bias: Floats

    def scaled(self, factors: Floats) -> Heads:
        """``factors`` by output."""
        return Heads(weights=self.weights * factors, bias=self.bias * factors)


def label(utterances: Sequence[Utterance]) -> Labels:
    names = tuple(sorted({utterance.intent for utterance in utterances}))
    return Labels(
        names=names,
        intents=np.array([names.index(utterance.intent) for utterance in utterances]),
        flags=np.array(
            [[*(reason in utterance.reasons for reason in Reason), utterance.escalate] for utterance in utterances]
        ),
        emotions=np.array([EMOTIONS.index(utterance.emotion.value) for utterance in utterances]),
        intensities=np.array([utterance.intensity for utterance in utterances]),
    )


def matrix(vectoriser: Vectoriser, looks: Sequence[Views]) -> Any:
    """Sparse rows."""
    vectors = [vectoriser.vector_of(views) for views in looks]
    ends = np.cumsum([0, *(len(where) for where, _ in vectors)])
    where = np.concatenate([where for where, _ in vectors])
    values = np.concatenate([values for _, values in vectors]).astype(np.float64)
    return sparse.csr_matrix((values, where, ends), shape=(len(looks), vectoriser.width))


def fit_heads(rows: Any, vectoriser: Vectoriser, labels: Labels, seed: int) -> Heads:
    """From what a text is spelt with; ``rows`` sparse."""
    return _joined(
        _fit_intents(rows, vectoriser, labels.intents, seed),
        *(_fit_flag(rows, labels.flags[:, place], seed) for place in range(labels.flags.shape[1])),
        _fit_emotions(rows, labels.emotions, strength=5),
        _fit_intensity(rows, labels, weight_decay=1.0),
    )


def fit_dense_heads(meanings: Floats, labels: Labels) -> Heads:
    """From what the encoder makes of a text; ``meanings`` (texts, width). Strongly regularised: a fine-tuned encoder has
    seen these texts and sets them apart better than it will new ones."""
    middle, spread = meanings.mean(axis=0), meanings.std(axis=0) + 1e-6
    rows = (meanings - middle) / spread
    heads = _joined(
        _fit_linear(LogisticRegression(C=0.03, max_iter=_PATIENCE, tol=1e-3), rows, labels.intents),
        *(
            _fit_linear(LogisticRegression(C=0.01, max_iter=_PATIENCE, tol=1e-3), rows, labels.flags[:, place])
            for place in range(labels.flags.shape[1])
        ),
        _fit_emotions(rows, labels.emotions, strength=0.01),
        _fit_intensity(rows, labels, weight_decay=1000.0),
    )
    weights = heads.weights / spread[:, np.newaxis]
    return Heads(weights=weights, bias=heads.bias - middle @ weights)


def _joined(*parts: tuple[Floats, Floats]) -> Heads:
    return Heads(
        weights=np.concatenate([weights for weights, _ in parts], axis=1),
        bias=np.concatenate([bias for _, bias in parts]),
    )


def _fit_intents(rows: Any, vectoriser: Vectoriser, intents: Ints, seed: int) -> tuple[Floats, Floats]:
    """The average of three linear models that see different views; being linear, they become one."""
    models = (
        (LogisticRegression(C=10, class_weight="balanced", max_iter=_PATIENCE, tol=1e-3), (_CHARS,), "chars"),
        (LogisticRegression(C=10, class_weight="balanced", max_iter=_PATIENCE, tol=1e-3), (_WORDS, _MARKS), "words"),
        (LinearSVC(C=0.3, class_weight="balanced", random_state=seed), (_CHARS, _MARKS), "margin"),
    )
    classes = int(intents.max()) + 1
    weights, bias = np.zeros((vectoriser.width, classes)), np.zeros(classes)
    for model, seen, name in models:
        columns = _columns(vectoriser, seen)
        model.fit(rows[:, columns], intents)
        share = 1 / (_SPREADS[name] * len(models))
        weights[columns] += share * model.coef_.T
        bias += share * model.intercept_
    return weights, bias


def _fit_flag(rows: Any, flag: Bools, seed: int) -> tuple[Floats, Floats]:
    return _fit_linear(LinearSVC(C=0.3, random_state=seed), rows, flag)


def _fit_emotions(rows: Any, emotions: Ints, *, strength: float) -> tuple[Floats, Floats]:
    """Balanced, so that the rare ones are learnt as well as neutral; calibration restores the true mix."""
    model = LogisticRegression(C=strength, class_weight="balanced", max_iter=_PATIENCE, tol=1e-3)
    return _fit_linear(model, rows, emotions)


def _fit_linear(model: Any, rows: Any, truth: Any) -> tuple[Floats, Floats]:
    model.fit(rows, truth)
    return model.coef_.T, model.intercept_


def _fit_intensity(rows: Any, labels: Labels, *, weight_decay: float) -> tuple[Floats, Floats]:
    """Of the messages that show an emotion."""
    moved = labels.emotions != EMOTIONS.index(Emotion.NEUTRAL.value)
    model = Ridge(alpha=weight_decay).fit(rows[moved], labels.intensities[moved])
    return model.coef_[:, np.newaxis], np.array([model.intercept_])


def _columns(vectoriser: Vectoriser, seen: Sequence[int]) -> Ints:
    ends = np.cumsum([0, *(len(places) for places in vectoriser.places)])
    return np.concatenate([np.arange(ends[view], ends[view + 1]) for view in seen])
