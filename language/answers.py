"""Labelled answers: what shoppers write right after a question of the bot, read from ``nlu_data/answers.yml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from language.errors import DataError
from language.rows import read_mapping


@dataclass(frozen=True, kw_only=True)
class Answer:
    asked: str
    text: str
    intent: str


def read_answers(file: Path) -> tuple[Answer, ...]:
    """By question, then intent: texts. Raises DataError."""
    return tuple(
        Answer(asked=asked, text=text, intent=intent)
        for asked, by_intent in read_mapping(file).items()
        for intent, texts in _mapping(file, str(asked), by_intent).items()
        for text in _texts(file, f"{asked}.{intent}", texts)
    )


def _mapping(file: Path, path: str, value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise DataError(file, path, f"must map intents to what is said, not {value!r}")
    return value


def _texts(file: Path, path: str, value: object) -> list[str]:
    if not isinstance(value, list) or not value:
        raise DataError(file, path, f"must be a list of texts, not {value!r}")
    for place, text in enumerate(value):
        if not isinstance(text, str) or not text:
            raise DataError(file, f"{path}[{place}]", f"must be a text, not {text!r}; quote it")
    return value
