"""What the bot learns from the intent files."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from bot import launch
from bot.intent_file import INTENTS, read_intent
from tests.dialogue.rasa_process import bot_folder

pytestmark = [pytest.mark.rasa, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def rules(bot_home: Path) -> dict[str, str]:
    """Action by intent, out of the trained model."""
    with tarfile.open(launch.model_file(bot_folder(bot_home))) as archive:
        name = next(name for name in archive.getnames() if name.endswith("rule_policy.json"))
        file = archive.extractfile(name)
        assert file is not None
        lookup: dict[str, Any] = json.load(file)["lookup"]["rules"]
    histories = ((json.loads(states), action) for states, action in lookup.items())
    return {states[0]["user"]["intent"]: action for states, action in histories if len(states) == 1}


@pytest.mark.parametrize("file", sorted(INTENTS.glob("*.yml")), ids=lambda file: file.stem)
def test_every_intent_file_is_a_rule_of_the_trained_bot(rules: dict[str, str], file: Path) -> None:
    assert rules[file.stem] == read_intent(file).action


def test_a_bot_is_trained_anew_only_when_what_it_learns_from_changed(bot_home: Path, tmp_path: Path) -> None:
    assert launch.is_current(bot_folder(bot_home))
    config = tmp_path / "config.yml"
    config.write_bytes(launch.OURS.config.read_bytes() + b"# another one\n")
    other = launch.Setup(
        module=launch.OURS.module,
        config=config,
        endpoints=launch.OURS.endpoints,
        credentials=launch.OURS.credentials,
    )
    assert not launch.is_current(bot_folder(bot_home), setup=other)
    assert not launch.is_current(tmp_path)
