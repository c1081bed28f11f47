"""Who answers a message: nobody, the desk, a question back, or the rule of its intent. Pure; ``dialogue`` is the shell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import Enum
from pathlib import Path
from typing import Any

from policies.rows import PolicyError, Row
from retention.conversation import Expecting, Status
from retention.hearing import Emotion
from rows.yaml_text import load_yaml

NEGATIVE = frozenset({Emotion.ANGRY, Emotion.DISAPPOINTED, Emotion.ANXIOUS})


class Destination(str, Enum):
    """The dialogue engine's next action; ``RULE`` leaves it to the rule of the intent."""

    SILENCE = "action_listen"
    DESK = "action_desk"
    ASK_BACK = "action_ask_back"
    RULE = "rule"


@dataclass(frozen=True, kw_only=True)
class Route:
    """From where on the desk answers whatever the intent is, and from where on an intent counts as understood; 0..1."""

    escalate: float = 0.5
    negative_intensity: float = 0.5
    understood: float = 0.35


@dataclass(frozen=True, kw_only=True)
class Moment:
    """The conversation as the service knows it when the message arrives. ``options`` are the texts of the last buttons."""

    status: Status = Status.BOT
    expecting: Expecting | None = None
    options: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Heard:
    """The part of a hearing that routing looks at."""

    text: str
    confidence: float
    emotion: Emotion = Emotion.NEUTRAL
    intensity: float = 0.0
    escalate: float = 0.0
    names_fix: bool = False  # asks in so many words for what the desk does, whatever the intent


def destination(heard: Heard, moment: Moment, route: Route) -> Destination:
    """Silence while a person owns the conversation; the desk for an answer it waits for and for a mood that is turning."""
    if moment.status is not Status.BOT:
        return Destination.SILENCE
    if moment.expecting is not None or heard.text.strip() in moment.options:
        return Destination.DESK
    if heard.names_fix or heard.escalate >= route.escalate:
        return Destination.DESK
    if heard.emotion in NEGATIVE and heard.intensity >= route.negative_intensity:
        return Destination.DESK
    if heard.confidence < route.understood:
        return Destination.ASK_BACK
    return Destination.RULE


def moment_of(state: Mapping[str, Any]) -> Moment:
    """The moment in the gateway's words; what is missing is as in a fresh conversation."""
    expecting = state.get("expecting")
    return Moment(
        status=Status(state.get("status", Status.BOT)),
        expecting=None if expecting is None else Expecting(expecting),
        options=tuple(state.get("options", ())),
    )


def load_route(path: Path) -> Route:
    """The ``route`` section of the shop's interception rules, if it has one. Raises PolicyError with the bad value's path."""
    return read_route(Row(path.name, "", load_yaml(path.read_bytes(), file=path.name, refused=PolicyError)))


def read_route(top: Row) -> Route:
    """Raises PolicyError with the bad value's path."""
    if "route" not in top:
        return Route()
    section = top.row("route")
    names = tuple(field.name for field in fields(Route))
    section.only(*names)
    return Route(**{name: section.number(name, 0, 1) for name in names if name in section})
