"""Whole conversations, each marked where a supervisor would have taken over: ``nlu_data/dialogues.yml``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from policies.rows import PolicyError, Row
from retention.conversation import Expecting
from retention.course import Act, Step
from retention.hearing import Hearing

Hear = Callable[[str, "str | None"], Hearing]
"""A message and the question it follows (a value of ``Expecting``), heard."""


@dataclass(frozen=True, kw_only=True)
class Script:
    """``said``: the shopper's messages with what the bot did about each. ``person``: why a person is called at the last."""

    id: str
    title: str
    said: tuple[tuple[str, Act | None], ...]
    person: str | None

    def courses(self, hear: Hear) -> Sequence[tuple[Step, ...]]:
        """The course at each message, heard as it would have been."""
        steps: list[Step] = []
        courses = []
        for text, act in self.said:
            asked = Expecting.OFFER.value if steps and steps[-1].act is Act.OFFERED else None
            hearing = hear(text, asked)
            courses.append((*steps, Step(text=text, hearing=hearing)))
            steps.append(Step(text=text, hearing=hearing, act=act))
        return courses


def read_scripts(file: Path) -> tuple[Script, ...]:
    """Raises PolicyError with the path of what is wrong."""
    try:
        rows = yaml.safe_load(file.read_text(encoding="utf-8"))
    except yaml.YAMLError as fault:
        raise PolicyError(str(file), "", str(fault), "YAML") from fault
    return tuple(_script(row) for row in Row(str(file), "", {"scripts": rows}).rows("scripts"))


def _script(row: Row) -> Script:
    row.only("id", "title", "person", "turns")
    turns = row.rows("turns")
    for turn in turns:
        turn.only("said", "act", "reply")
    return Script(
        id=row.text("id"),
        title=row.text("title"),
        said=tuple((turn.text("said"), turn.choice("act", Act) if "act" in turn else None) for turn in turns),
        person=row.text("person") if "person" in row else None,
    )
