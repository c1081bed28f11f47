"""What an associate says a message meant, where the bot misheard it. A second associate reviews it before it is learned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from retention.hearing import Emotion, Hearing, Reason


class CorrectionState(str, Enum):
    PROPOSED = "proposed"  # waits for a second associate
    ACCEPTED = "accepted"  # may be learned
    REJECTED = "rejected"


MOVES: Mapping[CorrectionState, frozenset[CorrectionState]] = {
    CorrectionState.PROPOSED: frozenset({CorrectionState.ACCEPTED, CorrectionState.REJECTED}),
    CorrectionState.ACCEPTED: frozenset(),
    CorrectionState.REJECTED: frozenset(),
}


@dataclass(frozen=True, kw_only=True)
class Labels:
    """What a message means. ``intensity`` is 0..1, and 0 beside neutral; ``escalate``: a person should take over."""

    intent: str
    reasons: tuple[Reason, ...] = ()
    emotion: Emotion = Emotion.NEUTRAL
    intensity: float = 0.0
    escalate: bool = False

    @classmethod
    def heard(cls, hearing: Hearing, *, escalates_at: float) -> Labels:
        """``escalates_at`` is the probability from which the shop calls a person."""
        return cls(
            intent=hearing.intent,
            reasons=hearing.reasons,
            emotion=hearing.emotion,
            intensity=hearing.intensity,
            escalate=hearing.escalate >= escalates_at,
        )


@dataclass(frozen=True, kw_only=True)
class Lesson(Labels):
    """An accepted correction as training sees it: words and their meaning, and nothing about anybody."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Correction:
    """``text`` is the message without what identifies a person. ``labels`` are the latest: the reviewer may have changed them."""

    correction_id: str
    conversation_id: str
    message_id: str
    state: CorrectionState
    text: str
    heard: Labels
    labels: Labels
    proposer: str
    proposed_at: datetime
    reviewer: str | None = None
    reviewed_at: datetime | None = None
    model_version: str = ""  # of the model that heard the message; empty when it cannot be told


def lessons(accepted: Iterable[Correction]) -> tuple[Lesson, ...]:
    """The newest of each message, oldest first: a message must not teach two meanings. ``accepted`` is oldest first."""
    newest: dict[tuple[str, str], Correction] = {}
    for one in accepted:
        key = (one.conversation_id, one.message_id)
        newest.pop(key, None)
        newest[key] = one
    return tuple(Lesson(text=one.text, **vars(one.labels)) for one in newest.values())
