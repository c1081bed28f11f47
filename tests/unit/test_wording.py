"""Every reply the desk can give has its words, and no words are left over."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from integrations.wording import WordingError, YamlWording
from retention.reply import Say
from tests.unit.counter import ROOT, WORDING

CORE = ROOT / "retention"


def literals() -> set[str]:
    """Every string literal of the core: reply keys are among them."""
    found = set()
    for file in CORE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found


def said_keys() -> set[str]:
    """The literal first argument of say() and key= of Say()."""
    keys = set()
    for file in CORE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id == "say" and node.args and isinstance(node.args[0], ast.Constant):
                keys.add(str(node.args[0].value))
            if node.func.id == "Say":
                keys |= {
                    str(k.value.value) for k in node.keywords if k.arg == "key" and isinstance(k.value, ast.Constant)
                }
    return keys


def test_every_key_the_desk_says_has_words() -> None:
    assert said_keys() <= WORDING.keys()


def test_every_delivery_state_can_be_told_calm_and_hurried() -> None:
    states = {key for key in sorted(WORDING.keys()) if key.startswith("track_") and not key.endswith("_hurry")}
    ended = {"track_delivered", "track_after_sale", "track_closed", "track_cancelled"}
    assert {f"{state}_hurry" for state in states - ended} <= WORDING.keys()


def test_no_words_are_left_that_nobody_says() -> None:
    known = literals()
    unused = {key for key in sorted(WORDING.keys()) if not key.startswith(("utter_", "track_")) and key not in known}
    assert unused == set()


def test_the_same_turn_always_reads_the_same() -> None:
    spoken = Say(key="which_order", values={"count": "3"})
    assert len({WORDING.render(spoken, soothing=False, turn="m1").text for _ in range(5)}) == 1


def test_braces_in_a_value_stay_as_they_are() -> None:
    bubble = WORDING.render(Say(key="kept", values={"title": "{phone} 手机壳"}), soothing=False, turn="m")
    assert "{phone} 手机壳" in bubble.text


def test_a_missing_value_is_an_error_and_never_a_gap() -> None:
    with pytest.raises(KeyError):
        WORDING.render(Say(key="kept"), soothing=False, turn="m")


def test_a_reply_without_the_plain_register_is_refused(tmp_path: Path) -> None:
    (tmp_path / "intents").mkdir()
    (tmp_path / "replies.yml").write_text("kept: {warm: [好的]}", encoding="utf-8")
    with pytest.raises(WordingError, match="kept"):
        YamlWording.from_folder(tmp_path)
