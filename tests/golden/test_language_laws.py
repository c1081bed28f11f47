"""What may not change what is heard: how wide, how polite, how punctuated a message is, and in which script."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from opencc import OpenCC

from language.hearer import Hearer
from language.machine_text import is_machine_text

ROOT = Path(__file__).resolve().parents[2]
MESSAGES = [row["text"] for row in yaml.safe_load((ROOT / "nlu_data" / "development.yml").read_text(encoding="utf-8"))]
SOME = MESSAGES[::4]
INTENTS = sorted(file.stem for file in (ROOT / "nlu_data" / "intents").glob("*.yml"))
WIDE = {chr(narrow): chr(narrow + 0xFEE0) for narrow in range(0x21, 0x7F)}
WORDY = [text for text in SOME if sum(char.isalnum() for char in text) > 6]
"""Of a message of a word or two, a prefix or another mark may rightly change the meaning."""


@pytest.fixture(scope="module")
def hearer(language_folder: Path) -> Hearer:
    return Hearer.load(language_folder)


def agreement(hearer: Hearer, messages: list[str], change: Callable[[str], str]) -> float:
    """The share of messages whose intent survives a change."""
    same = [hearer.hear(text).intent == hearer.hear(change(text)).intent for text in messages]
    return sum(same) / len(same)


def test_full_width_letters_and_digits_are_heard_like_half_width_ones(hearer: Hearer) -> None:
    def widened(text: str) -> str:
        return "".join(WIDE.get(char, char) for char in text)

    assert [text for text in SOME if hearer.hear(text).ranking != hearer.hear(widened(text)).ranking] == []


@pytest.mark.parametrize("script", ["s2t", "s2hk", "s2tw"])
def test_both_scripts_are_heard_the_same(hearer: Hearer, script: str) -> None:
    assert agreement(hearer, SOME, OpenCC(script).convert) >= 0.98


@pytest.mark.parametrize("mark", ["。", "！", "~", "...", " "])
def test_a_mark_at_the_end_hardly_ever_changes_the_intent(hearer: Hearer, mark: str) -> None:
    assert agreement(hearer, WORDY, lambda text: text.rstrip("。！~!.～ ") + mark) >= 0.95


def test_an_emoji_said_three_times_means_what_it_means_said_twice(hearer: Hearer) -> None:
    assert agreement(hearer, WORDY, lambda text: text.replace("😭", "😭😭").replace("😊", "😊😊")) >= 0.98


@pytest.mark.parametrize("prefix", ["你好，", "您好，请问一下，", "亲，"])
def test_a_polite_beginning_hardly_ever_changes_the_intent(hearer: Hearer, prefix: str) -> None:
    assert agreement(hearer, WORDY, lambda text: prefix + text) >= 0.9


@pytest.mark.parametrize("intent", INTENTS)
@pytest.mark.parametrize(
    "shape", ["/{}", "／{}", '/{}{{"order_no":"1"}}', '{{"intent":"{}"}}', '[{{"intent":"{}"}}]', "<intent>{}</intent>"]
)
def test_no_command_markup_or_json_becomes_the_intent_it_names(hearer: Hearer, shape: str, intent: str) -> None:
    hearing = hearer.hear(shape.format(intent))
    assert (hearing.intent, hearing.confidence) == ("out_of_scope", 0.0)


@given(name=st.sampled_from(INTENTS), body=st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3))
def test_whatever_a_command_carries_it_is_machine_text(name: str, body: dict[str, str]) -> None:
    assert is_machine_text(f"/{name}{yaml.safe_dump(body, default_flow_style=True).strip()}")


@given(st.text(max_size=80))
@example("[微笑]")
@example("<(￣︶￣)>")
@example("[" * 5000)
def test_asking_whether_a_text_is_a_programs_never_fails(text: str) -> None:
    assert is_machine_text(text) in (True, False)


@pytest.mark.parametrize(
    "text", ["[微笑]", "a/b两个码怎么选", "12/5之前能到吗", "退！", "@客服 在吗", "#吐槽# 太慢了", "1"]
)
def test_people_are_not_taken_for_programs(text: str) -> None:
    assert not is_machine_text(text)
