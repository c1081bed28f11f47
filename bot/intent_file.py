"""One intent, one file: what it is called, who answers it, with which words, and how people say it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from language import utterances
from language.errors import DataError
from language.rows import read_mapping, read_strings

INTENTS = Path(__file__).resolve().parents[1] / "nlu_data" / "intents"


class Answerer(str, Enum):
    DESK = "desk"  # needs the order, the customer or the shop's rules
    UTTER = "utter"  # one of the file's own replies


@dataclass(frozen=True, kw_only=True)
class IntentFile:
    """``title`` completes 您是想…; ``replies`` are there when the intent answers for itself, and only then."""

    intent: str
    title: str
    answerer: Answerer
    replies: tuple[str, ...]
    examples: tuple[str, ...]

    @property
    def action(self) -> str:
        """The Rasa action of the intent's rule."""
        return f"utter_{self.intent}" if self.answerer is Answerer.UTTER else "action_desk"


def read_intents(folder: Path = INTENTS) -> tuple[IntentFile, ...]:
    """Every intent of a folder, by name. Raises DataError with the path of what is wrong."""
    files = sorted(folder.glob("*.yml"))
    if not files:
        raise DataError(folder, "*.yml", "there is no intent")
    return tuple(read_intent(file) for file in files)


def read_intent(file: Path) -> IntentFile:
    data = read_mapping(file)
    if data.get("intent") != file.stem:
        raise DataError(file, "intent", f"must be {file.stem}, like the file, not {data.get('intent')!r}")
    title = data.get("title")
    if not isinstance(title, str) or not title:
        raise DataError(file, "title", f"must complete 您是想…, not {title!r}")
    try:
        answerer = Answerer(data.get("action"))
    except ValueError:
        raise DataError(file, "action", f"must be desk or utter, not {data.get('action')!r}") from None
    replies = read_strings(file, "replies", data.get("replies", []))
    if bool(replies) is not (answerer is Answerer.UTTER):
        raise DataError(file, "replies", "must be there when action is utter, and only then")
    return IntentFile(
        intent=file.stem,
        title=title,
        answerer=answerer,
        replies=replies,
        examples=tuple(utterance.text for utterance in utterances.read_intent(file)),
    )
