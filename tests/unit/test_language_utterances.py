"""Reading labelled utterances."""

from __future__ import annotations

from pathlib import Path

import pytest

from language.errors import DataError
from language.utterances import Utterance, read_intent, read_utterances
from retention.hearing import Emotion, Reason


def written(folder: Path, content: str, name: str = "cancel_order") -> Path:
    file = folder / f"{name}.yml"
    file.write_text(content, encoding="utf-8")
    return file


def test_a_bare_text_is_neutral_and_a_mapping_says_the_rest(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        'intent: cancel_order\nexamples:\n  - 不要了\n  - {text: "慢死了,退", reasons: [logistics], emotion: angry, '
        "intensity: 0.6, escalate: true}\n",
    )
    assert read_intent(file) == (
        Utterance(text="不要了", intent="cancel_order"),
        Utterance(
            text="慢死了,退",
            intent="cancel_order",
            reasons=(Reason.LOGISTICS,),
            emotion=Emotion.ANGRY,
            intensity=0.6,
            escalate=True,
        ),
    )


def test_the_other_keys_of_an_intent_are_left_alone(tmp_path: Path) -> None:
    file = written(tmp_path, "intent: cancel_order\ntitle: 取消\naction: desk\nreplies: [好的]\nexamples: [不要了]\n")
    assert [utterance.text for utterance in read_intent(file)] == ["不要了"]


@pytest.mark.parametrize(
    ("rows", "path"),
    [
        ("[12315]", "examples[0].text"),
        ("[好, {emotion: angry}]", "examples[1].text"),
        ("[{text: 好, reasons: [prise]}]", "examples[0].reasons[0]"),
        ("[{text: 好, reasons: [price, price]}]", "examples[0].reasons[1]"),
        ("[{text: 好, reasons: price}]", "examples[0].reasons"),
        ("[{text: 好, emotion: furious}]", "examples[0].emotion"),
        ("[{text: 好, emotion: angry}]", "examples[0].intensity"),
        ("[{text: 好, emotion: angry, intensity: 2}]", "examples[0].intensity"),
        ("[{text: 好, escalate: maybe}]", "examples[0].escalate"),
        ("[{text: 好, mood: angry}]", "examples[0]"),
        ("[]", "examples"),
    ],
)
def test_a_bad_row_is_named_by_its_path(tmp_path: Path, rows: str, path: str) -> None:
    with pytest.raises(DataError) as raised:
        read_intent(written(tmp_path, f"intent: cancel_order\nexamples: {rows}\n"))
    assert raised.value.path == path


def test_an_intent_that_is_not_called_as_its_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="must be 'greet'"):
        read_intent(written(tmp_path, "intent: cancel_order\nexamples: [好]\n", name="greet"))


def test_a_file_that_is_no_yaml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no readable YAML"):
        read_intent(written(tmp_path, "intent: [cancel_order\n"))


def test_a_folder_without_intents_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no intent to learn from"):
        read_utterances(tmp_path)
