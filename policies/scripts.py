"""Whole conversations, each marked where a supervisor would have taken over: ``nlu_data/dialogues.yml``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from policies.rows import PolicyError, Row
from retention.conversation import Expecting
from retention.course import Act, Step
from retention.hearing import Before, Hearing
from rows.yaml_text import load_yaml

Hear = Callable[[str, "str | None", "Before | None"], Hearing]
"""A message, the question it follows (a value of ``Expecting``) and what came before it, heard."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """One message of the shopper; what the bot did about it and in which words, None for the last one."""

    text: str
    act: Act | None = None
    reply: str | None = None


@dataclass(frozen=True, kw_only=True)
class Script:
    """``person``: why a person is called at the last message, if one is."""

    id: str
    title: str
    said: tuple[Said, ...]
    person: str | None

    def before(self, place: int) -> Before | None:
        """What came before the message at a place."""
        if place == 0:
            return None
        earlier = self.said[place - 1]
        return Before(said=earlier.text, answered=earlier.reply or "")

    def calls_at(self, place: int) -> bool:
        """Whether a supervisor takes over at the message at a place."""
        return self.person is not None and place == len(self.said) - 1

    def courses(self, hear: Hear) -> Sequence[tuple[Step, ...]]:
        """The course at each message, heard as it would have been."""
        steps: list[Step] = []
        courses = []
        for place, said in enumerate(self.said):
            asked = Expecting.OFFER.value if steps and steps[-1].act is Act.OFFERED else None
            hearing = hear(said.text, asked, self.before(place))
            courses.append((*steps, Step(text=said.text, hearing=hearing)))
            steps.append(Step(text=said.text, hearing=hearing, act=said.act))
        return courses


def read_scripts(file: Path) -> tuple[Script, ...]:
    """Raises PolicyError with the path of what is wrong."""
    rows = load_yaml(file.read_bytes(), file=str(file), refused=PolicyError)
    return tuple(_script(row) for row in Row(str(file), "", {"scripts": rows}).rows("scripts"))


def _script(row: Row) -> Script:
    row.only("id", "title", "person", "turns")
    turns = row.rows("turns")
    for turn in turns:
        turn.only("said", "act", "reply")
    return Script(
        id=row.text("id"),
        title=row.text("title"),
        said=tuple(
            Said(
                text=turn.text("said"),
                act=turn.choice("act", Act) if "act" in turn else None,
                reply=turn.text("reply") if "reply" in turn else None,
            )
            for turn in turns
        ),
        person=row.text("person") if "person" in row else None,
    )
