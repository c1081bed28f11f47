"""When a person is called in the course of whole conversations, beside the simplest thing that could work.

    make bench ARGS="benchmarks/handoff.py FILE.yml [--errors OUT.yml]"

FILE.yml is a list of scripts as in ``nlu_data/dialogues.yml``: at the last message of one with a ``person``, and only there,
a good supervisor takes over. Every message goes through the trained Rasa pipeline, then through the shop's rules with the
course so far. ``threshold``, the baseline, calls a person whenever one message sounds worse than a fixed sentiment.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks.listening import Calls, listening, person_calls
from policies.scripts import Script, read_scripts
from retention.course import Step
from service.sandbox import trained_home

BAD_MOOD = -0.5


@dataclass(frozen=True)
class Played:
    """``called``: the message at which a person was called, by place, and why."""

    script: Script
    called: int | None
    rule: str | None

    @property
    def marked(self) -> int | None:
        return len(self.script.said) - 1 if self.script.person else None

    @property
    def is_near(self) -> bool:
        return self.called is not None and self.marked is not None and abs(self.called - self.marked) <= 1


def play(script: Script, courses: Sequence[tuple[Step, ...]], calls: Calls) -> Played:
    for place, course in enumerate(courses):
        rule = calls(course)
        if rule is not None:
            return Played(script, place, rule)
    return Played(script, None, None)


def figures(played: Sequence[Played]) -> dict[str, float]:
    marked = [one for one in played if one.marked is not None]
    plain = [one for one in played if one.marked is None]
    return {
        "recall": round(sum(one.called is not None for one in marked) / len(marked), 4),
        "needless": round(sum(one.called is not None for one in plain) / len(plain), 4),
        "within_one_turn": round(sum(one.is_near for one in marked) / len(marked), 4),
    }


def errors(played: Sequence[Played]) -> list[dict[str, Any]]:
    return [
        {
            "id": one.script.id,
            "title": one.script.title,
            "marked": None if one.marked is None else f"{one.marked + 1} {one.script.person}",
            "called": None if one.called is None else f"{one.called + 1} {one.rule}",
            "said": [said.text for said in one.script.said],
        }
        for one in played
        if (one.called is None) != (one.marked is None) or (one.marked is not None and not one.is_near)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--errors", type=Path, help="write the conversations that went wrong here")
    arguments = parser.parse_args()
    scripts, home = read_scripts(arguments.file), trained_home()
    with listening(home) as hear:
        courses = [script.courses(hear) for script in scripts]

    def threshold(course: tuple[Step, ...]) -> str | None:
        return "sentiment" if course[-1].hearing.sentiment <= BAD_MOOD else None

    calls = person_calls(home)
    played = [play(script, some, calls) for script, some in zip(scripts, courses, strict=True)]
    simple = [play(script, some, threshold) for script, some in zip(scripts, courses, strict=True)]
    if arguments.errors:
        arguments.errors.write_text(
            yaml.safe_dump(errors(played), allow_unicode=True, sort_keys=False, width=120), encoding="utf-8"
        )
    print(json.dumps({"n": len(scripts), **figures(played), "baselines": {"threshold": figures(simple)}}))


if __name__ == "__main__":
    main()
