"""The trained arithmetic: from a normalised message to probabilities, with numpy and, where there is one, an encoder."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from language.context import Context
from language.encoder.encodes import Encodes
from language.takeover import Takeover
from language.vectors import Vectoriser
from retention.hearing import Before

Floats: TypeAlias = npt.NDArray[np.float64]

_TINY = 1e-6


@dataclass(frozen=True, kw_only=True)
class Guess:
    """Calibrated. ``intents`` and ``emotions`` in the order of the model's labels, ``flags``: reasons, then escalate."""

    intents: Floats
    flags: Floats
    emotions: Floats
    emotion: int  # the place of the emotion to name, which is not the likeliest: neutral is so common that it always is
    intensity: float  # of the emotion if there is one


@dataclass(frozen=True, kw_only=True)
class Scale:
    """From logits to shares: a temperature for all classes and a bias for each."""

    temperature: float
    bias: Floats

    def shares(self, logits: Floats) -> Floats:
        return softmax(logits / self.temperature + self.bias)


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """Fitted on cross-validated logits.

    ``intent_top``: slope and start of the line, on the logit scale, from the likeliest intent's share to how often it is
    right; a temperature alone leaves sure readings too sure. ``flag_by_intent``: share of the flag among an intent's
    utterances; shape (intents, flags). ``flag_line``: logit of a flag = line[0] * margin + line[1] * logit of the share
    that its intents imply + line[2]; shape (flags, 3). ``emotion_lean``: added to the logs of the emotions' shares before
    the emotion to name is picked.
    """

    intent_scale: Scale
    intent_top: tuple[float, float]
    emotion_scale: Scale
    emotion_lean: Floats
    flag_by_intent: Floats
    flag_line: Floats

    def intents(self, logits: Floats) -> Floats:
        """Over the last axis. Confidence is never lowered past a half, so that the likeliest intent stays the likeliest."""
        shares = self.intent_scale.shares(logits)
        top = shares.max(axis=-1, keepdims=True)
        slope, start = self.intent_top
        confidence = np.maximum(sigmoid(slope * logit(top) + start), np.minimum(top, 0.5))
        rest = shares * ((1 - confidence) / np.maximum(1 - top, _TINY))
        likeliest = np.arange(shares.shape[-1]) == shares.argmax(axis=-1, keepdims=True)
        calibrated: Floats = np.where(likeliest, confidence, rest)
        return calibrated

    def emotions(self, logits: Floats) -> Floats:
        return self.emotion_scale.shares(logits)

    def named_emotion(self, logits: Floats) -> npt.NDArray[np.int64]:
        """Places, over the last axis."""
        named: npt.NDArray[np.int64] = (np.log(self.emotions(logits)) + self.emotion_lean).argmax(axis=-1)
        return named

    def flags(self, margins: Floats, logits: Floats) -> Floats:
        """From the flags' margins and the intents' logits."""
        implied = logit(self.intent_scale.shares(logits) @ self.flag_by_intent)
        line = self.flag_line
        return sigmoid(line[:, 0] * margins + line[:, 1] * implied + line[:, 2])


@dataclass(frozen=True, kw_only=True)
class Dense:
    """The encoder's part: ``weights`` (encoder's width, outputs), added to what the spelling says."""

    encoder: Encodes
    weights: npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Model:
    """``weights``: (width, outputs), outputs being intents, flags, emotions and intensity in this order.

    ``threshold``: from which probability on a reason is named. Without ``dense`` the spelling decides alone.
    """

    intents: tuple[str, ...]
    reasons: tuple[str, ...]
    emotions: tuple[str, ...]
    vectoriser: Vectoriser
    weights: npt.NDArray[np.float16]
    bias: Floats
    calibration: Calibration
    threshold: float
    dense: Dense | None = None
    context: Context = field(default_factory=Context)
    takeover: Takeover | None = None

    def guess(self, text: str, asked: str | None = None) -> Guess | None:
        """For a normalised text, right after the question ``asked``; None when nothing in it is known."""
        where, values = self.vectoriser.vector(text)
        if not len(where):
            return None
        outputs = values @ self.weights[where].astype(np.float32) + self.bias
        if self.dense is not None:
            outputs = outputs + self.dense.encoder.meaning(text) @ self.dense.weights
        intents, flags, emotions, intensity = np.split(outputs, self._cuts)
        return Guess(
            intents=self.context.shares(self.calibration.intents(intents), asked),
            flags=self.calibration.flags(flags, intents),
            emotions=self.calibration.emotions(emotions),
            emotion=int(self.calibration.named_emotion(emotions)),
            intensity=float(np.clip(intensity[0], 0.0, 1.0)),
        )

    def escalate_now(self, text: str, before: Before | None) -> float | None:
        """Probability that a supervisor takes over at a normalised text; None without an encoder or conversations learnt."""
        if self.dense is None or self.takeover is None:
            return None
        return self.takeover.probability(self.dense.encoder, text, before)

    @property
    def _cuts(self) -> list[int]:
        flags = len(self.intents) + len(self.reasons) + 1
        return [len(self.intents), flags, flags + len(self.emotions)]


def softmax(logits: Floats) -> Floats:
    """Over the last axis."""
    powers: Floats = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def sigmoid(logits: Floats) -> Floats:
    shares: Floats = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
    return shares


def logit(shares: Floats) -> Floats:
    kept = np.clip(shares, _TINY, 1 - _TINY)
    logits: Floats = np.log(kept / (1 - kept))
    return logits
