"""Labelled utterances: what shoppers write, what it means and whose hand it is, read from ``nlu_data/intents``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from language.errors import DataError
from language.rows import read_list, read_mapping
from retention.hearing import Emotion, Reason

_KEYS = frozenset({"text", "reasons", "emotion", "intensity", "escalate", "voice"})
_VOICE_KEYS = frozenset({"id", "sheet", "kept"})


@dataclass(frozen=True, kw_only=True)
class Utterance:
    text: str
    intent: str
    reasons: tuple[Reason, ...] = ()
    emotion: Emotion = Emotion.NEUTRAL
    intensity: float = 0.0
    escalate: bool = False
    voice: str = ""


@dataclass(frozen=True, kw_only=True)
class Voice:
    """Who writes: age, region, mood and habits in a line. Of a ``kept`` voice nothing is learnt."""

    id: str
    sheet: str
    kept: bool = False


def read_utterances(folder: Path) -> tuple[Utterance, ...]:
    """Every example of ``intents/*.yml`` under the language data, by file name and place; raises DataError."""
    files = sorted((folder / "intents").glob("*.yml"))
    if not files:
        raise DataError(folder / "intents", "files", "there is no intent to learn from")
    return tuple(utterance for file in files for utterance in read_intent(file))


def read_intent(file: Path) -> tuple[Utterance, ...]:
    """The examples of one intent's file; other keys of the file (title, action, replies) are not language's."""
    data = read_mapping(file)
    intent, examples = data.get("intent"), data.get("examples")
    if intent != file.stem:
        raise DataError(file, "intent", f"must be {file.stem!r} as the file is called, not {intent!r}")
    if not isinstance(examples, list) or not examples:
        raise DataError(file, "examples", "must be a list with at least one utterance")
    return tuple(_utterance(file, f"examples[{place}]", file.stem, row) for place, row in enumerate(examples))


def _utterance(file: Path, path: str, intent: str, row: object) -> Utterance:
    fields: Mapping[str, Any] = row if isinstance(row, dict) else {"text": row}
    unknown = set(fields) - _KEYS
    if unknown:
        raise DataError(
            file, path, f"unknown key {sorted(map(str, unknown))[0]!r}; known are {', '.join(sorted(_KEYS))}"
        )
    text = fields.get("text")
    if not isinstance(text, str) or not text.strip():
        raise DataError(file, f"{path}.text", f"must be a text, not {text!r}; quote it")
    emotion = _emotion(file, path, fields)
    return Utterance(
        text=text,
        intent=intent,
        reasons=_reasons(file, path, fields.get("reasons", [])),
        emotion=emotion,
        intensity=_intensity(file, path, emotion, fields.get("intensity")),
        escalate=_flag(file, f"{path}.escalate", fields.get("escalate", False)),
        voice=_voice(file, f"{path}.voice", fields.get("voice", "")),
    )


def read_voices(folder: Path) -> Mapping[str, Voice]:
    """The voices of ``voices.yml`` by id; raises DataError."""
    file = folder / "voices.yml"
    voices: dict[str, Voice] = {}
    for place, row in enumerate(read_list(file)):
        path = f"[{place}]"
        if not isinstance(row, dict) or set(row) - _VOICE_KEYS:
            raise DataError(file, path, f"must be a mapping of {', '.join(sorted(_VOICE_KEYS))}, not {row!r}")
        name = row.get("id")
        if not isinstance(name, str) or not name or name in voices:
            raise DataError(file, f"{path}.id", f"must be a name of its own, not {name!r}")
        sheet = row.get("sheet")
        if not isinstance(sheet, str) or not sheet:
            raise DataError(file, f"{path}.sheet", f"must say who writes, not {sheet!r}")
        voices[name] = Voice(id=name, sheet=sheet, kept=_flag(file, f"{path}.kept", row.get("kept", False)))
    return voices


def _voice(file: Path, path: str, value: object) -> str:
    if not isinstance(value, str):
        raise DataError(file, path, f"must be the id of a voice, not {value!r}")
    return value


def _reasons(file: Path, path: str, value: object) -> tuple[Reason, ...]:
    if not isinstance(value, list):
        raise DataError(file, f"{path}.reasons", f"must be a list, not {value!r}")
    known = {reason.value: reason for reason in Reason}
    for place, name in enumerate(value):
        if name not in known:
            raise DataError(file, f"{path}.reasons[{place}]", f"{name!r} is none of {', '.join(known)}")
        if name in value[:place]:
            raise DataError(file, f"{path}.reasons[{place}]", f"{name!r} stands twice")
    return tuple(known[name] for name in value)


def _emotion(file: Path, path: str, fields: Mapping[str, Any]) -> Emotion:
    name = fields.get("emotion", Emotion.NEUTRAL.value)
    known = {emotion.value: emotion for emotion in Emotion}
    if name not in known:
        raise DataError(file, f"{path}.emotion", f"{name!r} is none of {', '.join(known)}")
    return known[name]


def _intensity(file: Path, path: str, emotion: Emotion, value: object) -> float:
    if emotion is Emotion.NEUTRAL:
        return 0.0
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise DataError(
            file, f"{path}.intensity", f"must be a number from 0 to 1 beside {emotion.value}, not {value!r}"
        )
    return float(value)


def _flag(file: Path, path: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise DataError(file, path, f"must be true or false, not {value!r}")
    return value
