"""Whose hand an utterance is in, and that of a kept voice nothing is learnt."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml

from language.errors import DataError
from language.train_lesson import Lesson, read_lesson
from language.utterances import Utterance, Voice, read_intent, read_utterances, read_voices
from retention.hearing import Emotion, Reason

DATA = Path(__file__).resolve().parents[2] / "nlu_data"
UTTERANCES, VOICES = read_utterances(DATA), read_voices(DATA)


def written(folder: Path, content: str) -> Path:
    (folder / "voices.yml").write_text(content, encoding="utf-8")
    return folder


def test_a_voice_is_somebody_with_a_sheet_and_is_kept_only_when_it_says_so(tmp_path: Path) -> None:
    folder = written(tmp_path, "- {id: v1, sheet: 24岁女，沈阳}\n- {id: v2, kept: true, sheet: 57岁男，绍兴}\n")
    assert read_voices(folder) == {
        "v1": Voice(id="v1", sheet="24岁女，沈阳", kept=False),
        "v2": Voice(id="v2", sheet="57岁男，绍兴", kept=True),
    }


@pytest.mark.parametrize(
    ("rows", "path"),
    [
        ("{}", "file"),
        ("[", "file"),
        ("[v1]", "[0]"),
        ("[{id: v1, sheet: 女, mood: 急}]", "[0]"),
        ("[{sheet: 女}]", "[0].id"),
        ("[{id: '', sheet: 女}]", "[0].id"),
        ("[{id: 7, sheet: 女}]", "[0].id"),
        ("[{id: v1, sheet: 女}, {id: v1, sheet: 男}]", "[1].id"),
        ("[{id: v1, sheet: 女}, {id: v2}]", "[1].sheet"),
        ("[{id: v1, sheet: ''}]", "[0].sheet"),
        ("[{id: v1, sheet: 24}]", "[0].sheet"),
        ("[{id: v1, sheet: 女, kept: maybe}]", "[0].kept"),
    ],
)
def test_a_bad_row_is_named_by_its_file_and_path(tmp_path: Path, rows: str, path: str) -> None:
    with pytest.raises(DataError) as raised:
        read_voices(written(tmp_path, rows))
    assert (raised.value.file, raised.value.path) == (tmp_path / "voices.yml", path)


def test_a_voice_that_is_no_name_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "greet.yml"
    file.write_text("intent: greet\nexamples: [{text: 你好, voice: 7}]\n", encoding="utf-8")
    with pytest.raises(DataError) as raised:
        read_intent(file)
    assert raised.value.path == "examples[0].voice"


# --- our own ------------------------------------------------------------------------------------------------------


def test_every_utterance_of_ours_has_a_voice_with_a_sheet() -> None:
    assert sorted({utterance.voice for utterance in UTTERANCES} - VOICES.keys()) == []
    assert all(voice.sheet.strip() for voice in VOICES.values())


def test_every_voice_of_ours_has_said_something() -> None:
    assert sorted(VOICES.keys() - {utterance.voice for utterance in UTTERANCES}) == []


def test_kept_voices_say_everything_that_is_to_be_told_apart() -> None:
    kept = [utterance for utterance in UTTERANCES if VOICES[utterance.voice].kept]
    assert {utterance.intent for utterance in kept} == {utterance.intent for utterance in UTTERANCES}
    assert {utterance.emotion for utterance in kept} == set(Emotion)
    assert {reason for utterance in kept for reason in utterance.reasons} == set(Reason)
    assert {utterance.escalate for utterance in kept} == {True, False}


def test_most_is_learnt_from_and_enough_is_kept() -> None:
    kept = sum(VOICES[utterance.voice].kept for utterance in UTTERANCES)
    assert 0.05 < kept / len(UTTERANCES) < 0.25


# --- a lesson ------------------------------------------------------------------------------------------------------

INTENTS = ("cancel_order", "greet", "thank")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Of everything twenty utterances to learn from, and a few in a kept voice."""
    (tmp_path / "intents").mkdir()
    for intent in INTENTS:
        rows = [
            {
                "text": f"{intent} {voice} {emotion.value} {place}",
                "reasons": [reason.value for reason in Reason],
                "emotion": emotion.value,
                "intensity": 0.5,
                "escalate": place % 2 == 0,
                "voice": voice,
            }
            for voice, places in (("v1", 8), ("kept", 2))
            for emotion in Emotion
            for place in range(places)
        ]
        content = {"intent": intent, "examples": rows}
        file = tmp_path / "intents" / f"{intent}.yml"
        file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return written(tmp_path, "- {id: v1, sheet: 女}\n- {id: kept, sheet: 男, kept: true}\n")


def voices_of(lesson: Lesson, rows: list[int]) -> Counter[str]:
    return Counter(lesson.utterances[row].voice for row in rows)


def test_of_a_kept_voice_nothing_is_learnt_and_by_the_others_nothing_is_judged(data: Path) -> None:
    lesson = read_lesson(data)
    assert voices_of(lesson, lesson.taught.tolist()) == {"v1": 120}
    assert voices_of(lesson, lesson.kept.tolist()) == {"kept": 30}


def test_corrections_are_learnt_from_and_nothing_is_judged_by_them(data: Path) -> None:
    more = [Utterance(text="多谢啦", intent="thank", voice="corrections")] * 2
    lesson = read_lesson(data, more)
    assert voices_of(lesson, lesson.taught.tolist()) == {"v1": 120, "corrections": 2}
    assert voices_of(lesson, lesson.kept.tolist()) == {"kept": 30}
    assert [lesson.labels.names[place] for place in lesson.labels.intents[-2:]] == ["thank", "thank"]


def test_an_utterance_of_nobody_is_refused_with_what_it_says(data: Path) -> None:
    written(data, "- {id: kept, sheet: 男, kept: true}\n")
    with pytest.raises(DataError, match="no voice 'v1', which wrote 'cancel_order v1 neutral 0'") as raised:
        read_lesson(data)
    assert raised.value.file == data / "voices.yml"


def test_without_a_kept_voice_there_is_nothing_to_judge_by(data: Path) -> None:
    written(data, "- {id: v1, sheet: 女}\n- {id: kept, sheet: 男}\n")
    with pytest.raises(DataError, match="0 of intent cancel_order; at least 3 are needed of kept voices") as raised:
        read_lesson(data)
    assert raised.value.file == data / "voices.yml"
