"""Whether a person should take over now, from what a message, the one before it and the answer between mean together."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from language.encoder.encodes import Encodes
from language.normalise import normalise
from retention.hearing import Before

Meanings = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Takeover:
    """A logistic model; ``weights`` (3 times the encoder's width,), in the order of ``meaning_of``."""

    weights: Meanings
    start: float

    def probability(self, encoder: Encodes, text: str, before: Before | None) -> float:
        """For a normalised text."""
        margin = float(meaning_of(encoder, text, before) @ self.weights) + self.start
        return (1 + math.tanh(margin / 2)) / 2  # the logistic function, which never overflows so


def meaning_of(encoder: Encodes, text: str, before: Before | None) -> Meanings:
    """The message, the one before it, the answer to that; shape (3 * width,). What there was not is nought."""
    now = encoder.meaning(text)
    earlier = ("", "") if before is None else (before.said, before.answered)
    plain = [normalise(words).text for words in earlier]
    return np.concatenate([now, *(encoder.meaning(words) if words else np.zeros_like(now) for words in plain)])
