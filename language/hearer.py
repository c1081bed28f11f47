"""Hears one message: intent, reasons, emotion, the wish for a person, and what the message names."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from language.artefact import load
from language.entities import extract
from language.machine_text import is_machine_text
from language.model import Guess, Model
from language.normalise import normalise
from retention.hearing import UNHEARD, Before, Emotion, Hearing, Reason

_RANKED = 5
_READ_FIRST, _READ_LAST = 600, 400  # characters: of a longer message the beginning and the end are read
_CERTAIN = 0.99
_ASKS = re.compile(r"[?吗么呢][\s.!~。]*$")
# Sentiment of an emotion = start + slope * intensity.
_SENTIMENT = {
    Emotion.NEUTRAL: (0.0, 0.0),
    Emotion.ANGRY: (-0.4, -0.6),
    Emotion.DISAPPOINTED: (-0.3, -0.5),
    Emotion.ANXIOUS: (-0.1, -0.4),
    Emotion.PLEASED: (0.3, 0.7),
}


class Hearer:
    """A loaded model. Safe to share between threads: hearing changes nothing."""

    def __init__(self, model: Model, version: str) -> None:
        self._model = model
        self.version = version

    @classmethod
    def load(cls, folder: Path) -> Hearer:
        """The model ``train`` wrote into a folder, warmed up; raises ModelMissingError or ModelDamagedError."""
        hearer = cls(*load(folder))
        hearer.hear("红色")  # loads the dictionaries, which would cost the first shopper a second
        return hearer

    def hear(self, text: str, asked: str | None = None, before: Before | None = None) -> Hearing:
        """``asked``: the question of the bot that this follows (a value of ``Expecting``), if any; ``before``: what was
        said before it.

        Never raises: an empty message, one without anything known, or one that a program wrote is out of scope with
        confidence 0.
        """
        plain = normalise(_readable(text)).text
        entities = extract(text)
        question = None if _ASKS.search(plain) else asked  # what asks back answers nothing
        guess = self._model.guess(plain, question) if plain and not is_machine_text(plain) else None
        if guess is None:
            return replace(UNHEARD, entities=entities)
        ranking = self._ranking(guess)
        emotion = Emotion(self._model.emotions[guess.emotion])
        alone = self._escalate(guess, plain)
        now = self._model.escalate_now(plain, before)
        return Hearing(
            intent=ranking[0][0],
            confidence=ranking[0][1],
            ranking=ranking,
            reasons=self._reasons(guess),
            emotion=emotion,
            intensity=0.0 if emotion is Emotion.NEUTRAL else round(guess.intensity, 4),
            sentiment=self._sentiment(guess),
            escalate=alone,
            escalate_now=alone if now is None else now,
            entities=entities,
        )

    def _ranking(self, guess: Guess) -> tuple[tuple[str, float], ...]:
        best = np.argsort(-guess.intents, kind="stable")[:_RANKED]
        return tuple((self._model.intents[place], float(guess.intents[place])) for place in best)

    def _reasons(self, guess: Guess) -> tuple[Reason, ...]:
        """Those above the threshold, the surest first."""
        sure = sorted(zip(self._model.reasons, guess.flags.tolist()[:-1], strict=True), key=lambda pair: -pair[1])
        return tuple(Reason(name) for name, probability in sure if probability >= self._model.threshold)

    def _sentiment(self, guess: Guess) -> float:
        """Expected over the emotions' probabilities, so that a doubtful anger weighs less than a plain one."""
        expected = 0.0
        for name, probability in zip(self._model.emotions, guess.emotions.tolist(), strict=True):
            start, slope = _SENTIMENT[Emotion(name)]
            expected += probability * (start + slope * guess.intensity)
        return round(max(-1.0, min(1.0, expected)), 4)

    def _escalate(self, guess: Guess, plain: str) -> float:
        learnt = float(guess.flags[-1])
        return max(learnt, _CERTAIN) if self._model.vectoriser.lexicon.calls_at_once(plain) else learnt


def _readable(text: str) -> str:
    if len(text) <= _READ_FIRST + _READ_LAST:
        return text
    return f"{text[:_READ_FIRST]} {text[-_READ_LAST:]}"
