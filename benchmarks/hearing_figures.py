"""Figures of understanding, from labelled messages and what was heard of them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

ASKED_BACK = "(asked back)"


@dataclass(frozen=True, kw_only=True)
class Labelled:
    id: str
    text: str
    intent: str
    reasons: frozenset[str]
    emotion: str
    escalate: bool


@dataclass(frozen=True, kw_only=True)
class Heard:
    """``intent`` is final: after the abstain rule. ``guess`` is the likeliest intent whatever its confidence."""

    intent: str
    guess: str
    confidence: float
    reasons: frozenset[str] = frozenset()
    emotion: str = "neutral"
    person: bool = False


def share(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits) if hits else 0.0


def macro_f1(truth: Sequence[str], guess: Sequence[str]) -> float:
    """Mean F1 over the labels that occur in the truth."""
    scores = []
    for label in sorted(set(truth)):
        hits = sum(t == g == label for t, g in zip(truth, guess, strict=True))
        wrong = sum(g == label != t for t, g in zip(truth, guess, strict=True))
        missed = sum(t == label != g for t, g in zip(truth, guess, strict=True))
        scores.append(2 * hits / (2 * hits + wrong + missed) if hits else 0.0)
    return sum(scores) / len(scores) if scores else 0.0


def expected_calibration_error(confidences: Sequence[float], right: Sequence[bool], bins: int = 15) -> float:
    """Equal-width bins: mean gap of confidence and accuracy, weighted by how many fall into the bin."""
    total = 0.0
    for low in range(bins):
        inside = [
            (confidence, hit)
            for confidence, hit in zip(confidences, right, strict=True)
            if low / bins < confidence <= (low + 1) / bins or (low == 0 and confidence == 0)
        ]
        if inside:
            total += abs(sum(c for c, _ in inside) - sum(h for _, h in inside))
    return total / len(confidences) if confidences else 0.0


def micro_f1(truth: Sequence[frozenset[str]], guess: Sequence[frozenset[str]]) -> float:
    hits = sum(len(t & g) for t, g in zip(truth, guess, strict=True))
    wrong = sum(len(g - t) for t, g in zip(truth, guess, strict=True))
    missed = sum(len(t - g) for t, g in zip(truth, guess, strict=True))
    return 2 * hits / (2 * hits + wrong + missed) if hits else 0.0


def figures(cases: Sequence[Labelled], heard: Sequence[Heard]) -> dict[str, float]:
    """The keys of the contract that do not need a clock, rounded to four places."""
    pairs = list(zip(cases, heard, strict=True))
    inside = [(case, said) for case, said in pairs if case.intent != "out_of_scope"]
    outside = [(case, said) for case, said in pairs if case.intent == "out_of_scope"]
    needs = [(case, said) for case, said in pairs if case.escalate]
    calm = [(case, said) for case, said in pairs if not case.escalate]
    values = {
        "intent_accuracy": share([said.intent == case.intent for case, said in pairs]),
        "intent_macro_f1": macro_f1([case.intent for case in cases], [said.intent for said in heard]),
        "oos_recall": share([said.intent == "out_of_scope" for _, said in outside]),
        "in_scope_accuracy": share([said.intent == case.intent for case, said in inside]),
        "ece": expected_calibration_error(
            [said.confidence for said in heard], [said.guess == case.intent for case, said in pairs]
        ),
        "reason_micro_f1": micro_f1([case.reasons for case in cases], [said.reasons for said in heard]),
        "emotion_macro_f1": macro_f1([case.emotion for case in cases], [said.emotion for said in heard]),
        "handoff_recall": share([said.person for _, said in needs]),
        "handoff_needless": share([said.person for _, said in calm]),
    }
    return {name: round(value, 4) for name, value in values.items()}
