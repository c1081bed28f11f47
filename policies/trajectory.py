"""When the course of a conversation, rather than one message, calls for a person.

A logistic model over a dozen plain signals of the last turns. Its weights are learnt from whole conversations in which a
supervisor marked the message (``nlu_data/dialogues.yml``); what a missed call costs against a needless one is the shop's to
say (``interception.yml``, ``person.missed_to_needless``).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from retention.course import Act, Step
from retention.hearing import UNHEARD, Emotion, Hearing

FILE = "trajectory.json"
DECAY = 0.6  # weight of a turn against the one after it
LOOKED_BACK = 6  # turns
_SMALL_TALK = frozenset({"thank", "goodbye", "greet", "keep_order", "accept_offer", "chitchat"})

Signals = Mapping[str, float]

RULES = {
    "escalate": "escalate",
    "surely": "escalate",
    "anger": "furious",
    "fury": "furious",
    "fear": "worsening",
    "anger_again": "worsening",
    "gloom": "worsening",
    "sentiment": "worsening",
    "level": "worsening",
    "fall": "worsening",
    "negative_turns": "worsening",
    "complaint": "worsening",
    "wish_before": "asked_again",
    "repeated": "repeated",
    "echoed": "repeated",
    "unserved": "repeated",
    "lost": "misunderstood",
    "refused": "refused_again",
}
"""The rule that a signal speaks for; those that are not here name nothing, or say when there is no need."""


@dataclass(frozen=True, kw_only=True)
class Trajectory:
    """``weights`` by signal; ``start`` is the logit when every signal is nought."""

    weights: Mapping[str, float]
    start: float

    def probability(self, steps: Sequence[Step]) -> float:
        """That a good supervisor would take over at the last message; at least one step."""
        return _logistic(self._logit(signals(steps)))

    def rule(self, steps: Sequence[Step]) -> str:
        """What speaks loudest for a person."""
        seen = signals(steps)
        loud = {name: seen[name] * self.weights.get(name, 0.0) for name in RULES}
        return RULES[max(loud, key=lambda name: loud[name])]

    def _logit(self, seen: Signals) -> float:
        return self.start + math.fsum(weight * seen[name] for name, weight in self.weights.items())

    def save(self, file: Path) -> None:
        data = {"start": self.start, "weights": dict(self.weights)}
        file.write_text(json.dumps(data, indent=1, sort_keys=True), encoding="utf-8")

    @classmethod
    def load(cls, file: Path) -> Trajectory | None:
        """None when none was learnt yet, or one of other signals: another version's."""
        try:
            data = json.loads(file.read_text(encoding="utf-8"))
            learnt = cls(weights={name: float(data["weights"][name]) for name in SIGNALS}, start=float(data["start"]))
        except (OSError, ValueError, KeyError, TypeError, OverflowError):
            return None
        return learnt if all(map(math.isfinite, (learnt.start, *learnt.weights.values()))) else None


def mood(hearings: Sequence[Hearing], decay: float) -> float:
    """Decayed mean of sentiment, -1..1; the last turn weighs most; 0 before the first."""
    weights = [decay**age for age in range(len(hearings))]
    felt = [weight * hearing.sentiment for weight, hearing in zip(weights, reversed(hearings), strict=True)]
    return sum(felt) / sum(weights) if weights else 0.0


def signals(steps: Sequence[Step]) -> Signals:
    """Numbers of about 0..1 (sentiments -1..1) that say how the conversation goes."""
    steps = steps[-LOOKED_BACK:]
    *before, now = steps
    heard = now.hearing
    anger = _anger(now)
    earlier_anger = max((_anger(step) for step in before), default=0.0)
    level = mood([step.hearing for step in before], DECAY)
    negative = sum(step.hearing.sentiment < -0.15 for step in steps)
    alike = [_alike(step, now) for step in before if step.act is not Act.DONE]
    echoes = [_echo(step.text, now.text) for step in before]
    unserved = _unserved(before)
    moody = max(0.0, -heard.sentiment)
    return {
        "escalate": max(0.0, 1 + math.log10(min(1.0, max(heard.escalate, 1e-4))) / 4),
        "surely": heard.escalate,
        "in_context": 1 + _log_odds(heard.escalate_now) / 7,
        "anger": anger,
        "fury": max(0.0, anger - 0.5) * 2,
        "anger_again": min(anger, earlier_anger) + 0.5 * min(moody, earlier_anger),
        "gloom": heard.intensity if heard.emotion is Emotion.DISAPPOINTED else 0.0,
        "fear": heard.intensity if heard.emotion is Emotion.ANXIOUS else 0.0,
        "sentiment": moody,
        "warm": max(0.0, heard.sentiment),
        "small_talk": float(heard.intent in _SMALL_TALK),
        "level": max(0.0, -level),
        "fall": max(0.0, level - heard.sentiment) if before else 0.0,
        "negative_turns": min(1.0, max(0, negative - 1) / 3),
        "complaint": _share(now, "service_complaint")
        + 0.5 * max((_share(s, "service_complaint") for s in before), default=0.0),
        "wish_before": max((_share(step, "request_human") + step.hearing.escalate for step in before), default=0.0),
        "repeated": max(alike, default=0.0) * (0.3 + moody),
        "echoed": max(echoes, default=0.0),
        "unserved": min(1.0, unserved / 4) * (0.3 + moody),
        "lost": min(1.0, sum(step.act is Act.LOST for step in before) / 2),
        "refused": min(1.0, sum(step.act is Act.REFUSED for step in before) / 2) * (0.3 + moody),
        "served": float(bool(before) and before[-1].act is Act.DONE),
        "first": float(not before),
    }


def _anger(step: Step) -> float:
    return step.hearing.intensity if step.hearing.emotion is Emotion.ANGRY else 0.0


def _unserved(before: Sequence[Step]) -> int:
    """Turns since something was last done."""
    count = 0
    for step in reversed(before):
        if step.act is Act.DONE:
            break
        count += 1
    return count


def _share(step: Step, intent: str) -> float:
    return next((share for name, share in step.hearing.ranking if name == intent), 0.0)


def _alike(one: Step, other: Step) -> float:
    """How much the readings of two messages overlap."""
    shares = dict(one.hearing.ranking)
    return sum(min(share, shares.get(name, 0.0)) for name, share in other.hearing.ranking)


def _echo(earlier: str, now: str) -> float:
    """The share of the shorter message's pairs of characters that stand in the other one, too."""
    one, other = _pairs(earlier), _pairs(now)
    return len(one & other) / min(len(one), len(other)) if one and other else 0.0


def _pairs(text: str) -> frozenset[str]:
    plain = "".join(char for char in text if char.isalnum())
    return frozenset(plain[place : place + 2] for place in range(len(plain) - 1))


def _log_odds(probability: float) -> float:
    """Within 7 of nought."""
    kept = min(max(probability, 1e-3), 1 - 1e-3)
    return math.log(kept / (1 - kept))


def _logistic(logit: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))


SIGNALS = tuple(signals((Step(text="", hearing=UNHEARD),)))
