"""Rasa's memory stays small and wordless, however long a conversation and however many."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bot import launch

pytestmark = [pytest.mark.rasa, pytest.mark.timeout(300)]

PROGRAM = Path(__file__).with_name("tracker_program.py")


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    if not launch.BOT_PYTHON.exists():
        pytest.skip(f"{launch.BOT_PYTHON} is missing: `make test` installs it")
    done = subprocess.run(
        [str(launch.BOT_PYTHON), str(PROGRAM)],
        cwd=launch.ROOT,
        env=launch.environment(os.environ, home=tmp_path_factory.mktemp("home")),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_of_a_long_conversation_the_last_intents_are_kept_as_if_it_had_just_begun_and_no_words(
    seen: dict[str, Any],
) -> None:
    assert seen["long"] == {
        "intents": ["intent_47", "intent_48", "intent_49"],
        "started": True,
        "words": False,
        "listening": True,
        "times": True,
    }


def test_of_many_conversations_those_that_spoke_last_are_kept(seen: dict[str, Any]) -> None:
    assert seen["kept"] == ["long", "third"]
    assert seen["unknown"] is None
