"""The trained bot as an ear, and the shop's rules for calling a person, for every benchmark that plays messages to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import httpx

from benchmarks.rasa_server import ROOT, SECRET, rasa
from bot import launch
from integrations.codec import decode
from policies import interception, trajectory
from policies.scripts import Hear
from policies.trajectory import Trajectory
from retention.course import Step
from retention.hearing import Before, Hearing
from retention.meaning import asks_for_person

RULES = ROOT / "policies" / "interception.yml"
Calls = Callable[[tuple[Step, ...]], "str | None"]
"""The rule that calls a person on a course, or None."""


@contextmanager
def listening(home: Path) -> Iterator[Hear]:
    """Through Rasa and its channel, warmed up, until the block ends."""
    headers = {"Authorization": f"Bearer {SECRET}"}
    with (
        rasa(launch.OURS, home, home / "models" / "bot") as url,
        httpx.Client(base_url=f"{url}/webhooks/gateway", headers=headers, timeout=60) as client,
    ):

        def hear(text: str, asked: str | None = None, before: Before | None = None) -> Hearing:
            state = {"expecting": asked, "before": None if before is None else asdict(before)}
            answer = client.post("/hear", json={"text": text, "state": state}).raise_for_status()
            return decode(Hearing, answer.json()["hearing"])

        hear("预热")
        yield hear


def person_calls(home: Path) -> Calls:
    """As the desk decides it: the intent first, then the shop's rows with what was learnt of courses."""
    course = Trajectory.load(home / "models" / "language" / trajectory.FILE)
    rows = interception.load(RULES).with_trajectory(course)

    def calls(course: tuple[Step, ...]) -> str | None:
        hearing = course[-1].hearing
        return asks_for_person(hearing.intent, hearing) or rows.wants_person(course)

    return calls
