"""How much the spelling and the encoder each have to say, by what is asked: fitted on voices neither has learnt from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from language.model import Floats
from language.train_heads import EMOTIONS, REASONS, Bools, Ints, Labels

_SHARES = tuple(round(0.1 * step, 1) for step in range(11))


@dataclass(frozen=True, kw_only=True)
class Mixture:
    """``spelling`` and ``encoder``: a factor for each output, which brings both to one spread and weighs them.

    ``shares``: how much of the vote is the encoder's, 0..1, by what is asked.
    """

    spelling: Floats
    encoder: Floats
    shares: dict[str, float]


def mix(spelling: Floats, encoder: Floats, labels: Labels) -> Mixture:
    """From the outputs of both for the same kept utterances; shape (utterances, outputs)."""
    shares: dict[str, float] = {}
    factors: list[tuple[float, float]] = []
    for name, columns, loss in _questions(labels):
        one, other = spelling[:, columns], encoder[:, columns]
        # Both foretell intensity itself; logits of two models have no common scale.
        spreads = (1.0, 1.0) if name == "intensity" else (float(one.std()) or 1.0, float(other.std()) or 1.0)
        losses = {share: loss((1 - share) * one / spreads[0] + share * other / spreads[1]) for share in _SHARES}
        best = min(_SHARES, key=lambda share: losses[share])
        shares[name] = best
        factors += [((1 - best) / spreads[0], best / spreads[1])] * (columns.stop - columns.start)
    table = np.array(factors)
    return Mixture(spelling=table[:, 0], encoder=table[:, 1], shares=shares)


def _questions(labels: Labels) -> list[tuple[str, slice, Callable[[Floats], float]]]:
    """What is asked, its columns, and how wrong outputs are."""
    intents = len(labels.names)
    flags = [
        (name, slice(intents + place, intents + place + 1), _flag_loss(labels.flags[:, place]))
        for place, name in enumerate((*REASONS, "escalate"))
    ]
    emotions = intents + len(flags)
    intensity = emotions + len(EMOTIONS)
    moved = labels.emotions != EMOTIONS.index("neutral")
    return [
        ("intent", slice(0, intents), _class_loss(labels.intents)),
        *flags,
        ("emotion", slice(emotions, intensity), _class_loss(labels.emotions)),
        ("intensity", slice(intensity, intensity + 1), _squared_loss(labels.intensities, moved)),
    ]


def _class_loss(truth: Ints) -> Callable[[Floats], float]:
    """How often the likeliest is wrong; between equals, the one that is less sure of its mistakes."""

    def loss(outputs: Floats) -> float:
        sure = outputs - outputs.max(axis=1, keepdims=True)
        shares = np.exp(sure) / np.exp(sure).sum(axis=1, keepdims=True)
        rows = np.arange(len(truth))
        return float((outputs.argmax(axis=1) != truth).mean() - 0.02 * np.log(shares[rows, truth] + 1e-9).mean())

    return loss


def _flag_loss(flag: Bools) -> Callable[[Floats], float]:
    def loss(outputs: Floats) -> float:
        model = LogisticRegression(C=100, max_iter=1000).fit(outputs, flag)
        return float(log_loss(flag, model.predict_proba(outputs)))

    return loss


def _squared_loss(truth: Floats, rows: Bools) -> Callable[[Floats], float]:
    def loss(outputs: Floats) -> float:
        return float(((outputs[rows, 0] - truth[rows]) ** 2).mean())

    return loss
