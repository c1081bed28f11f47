"""What the service sends Rasa, read strictly: nothing a shopper typed may act as a command of the dialogue engine."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from retention.conversation import Expecting, Status

TEXT_LIMIT = 2000  # characters; a longer message is a document, and hearing it would cost everyone else their turn
ID_LIMIT = 128
OPTIONS_LIMIT = 20
BEFORE_LIMIT = 300  # characters of what came before; more says nothing more
COMMAND_SIGNS = ("/", "／")  # Rasa obeys /intent{...}; the full-width form becomes the same sign once normalised


class BadRequestError(Exception):
    """The request cannot be heard. ``status`` is the HTTP status, ``code`` for programs, ``message`` for their authors."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


@dataclass(frozen=True, kw_only=True)
class TurnRequest:
    """One shopper message. ``state`` is checked and in the wire's own words: status, expecting, options, before."""

    conversation_id: str
    message_id: str
    text: str
    state: Mapping[str, Any] = field(default_factory=dict)


def read_turn(body: bytes) -> TurnRequest:
    """Raises BadRequestError."""
    data = _object(body)
    return TurnRequest(
        conversation_id=_identifier(data, "conversation_id"),
        message_id=_identifier(data, "message_id"),
        text=_text(data),
        state=_state(data.get("state", {})),
    )


def read_hear(body: bytes) -> tuple[str, Mapping[str, Any]]:
    """Text and state of a request to hear only. Raises BadRequestError."""
    data = _object(body)
    return _text(data), _state(data.get("state", {}))


def is_command(text: str) -> bool:
    """Whether the first visible character makes this a command to the dialogue engine."""
    visible = (char for char in text if not char.isspace() and unicodedata.category(char) not in ("Cc", "Cf"))
    return next(visible, "") in COMMAND_SIGNS


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadRequestError(400, "not_json", "the body must be JSON in UTF-8") from error
    if not isinstance(data, Mapping):
        raise BadRequestError(400, "not_an_object", f"the body must be a JSON object, got {type(data).__name__}")
    return data


def _identifier(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str) or not value.strip() or len(value) > ID_LIMIT:
        raise BadRequestError(400, "bad_field", f"{key}: expected 1 to {ID_LIMIT} characters")
    return value


def _text(data: Mapping[str, Any]) -> str:
    text = data.get("text")
    if not isinstance(text, str) or not text.strip():
        raise BadRequestError(400, "bad_field", "text: expected what the shopper wrote, not blank")
    if len(text) > TEXT_LIMIT:
        raise BadRequestError(413, "text_too_long", f"text: {len(text)} characters, the limit is {TEXT_LIMIT}")
    if any(unicodedata.category(char) == "Cs" for char in text):
        raise BadRequestError(400, "bad_field", "text: half of a surrogate pair is no character")
    if is_command(text):
        raise BadRequestError(422, "control_text", "text: starts like a command of the dialogue engine")
    return text


def _state(state: Any) -> dict[str, Any]:
    if not isinstance(state, Mapping):
        raise BadRequestError(400, "bad_field", "state: expected an object")
    options = state.get("options", [])
    if (
        not isinstance(options, list)
        or len(options) > OPTIONS_LIMIT
        or not all(isinstance(text, str) for text in options)
    ):
        raise BadRequestError(400, "bad_field", f"state.options: expected at most {OPTIONS_LIMIT} texts")
    expecting = state.get("expecting")
    return {
        "status": _one_of(Status, state.get("status", Status.BOT.value), "state.status"),
        "expecting": None if expecting is None else _one_of(Expecting, expecting, "state.expecting"),
        "options": [text.strip() for text in options],
        "before": _before(state.get("before")),
    }


def _before(before: Any) -> dict[str, str] | None:
    if before is None:
        return None
    if not isinstance(before, Mapping) or set(before) != {"said", "answered"}:
        raise BadRequestError(400, "bad_field", "state.before: expected an object with said and answered")
    for name, words in before.items():
        if not isinstance(words, str) or len(words) > BEFORE_LIMIT:
            raise BadRequestError(400, "bad_field", f"state.before.{name}: expected at most {BEFORE_LIMIT} characters")
    return dict(before)


def _one_of(kind: type[Status] | type[Expecting], value: object, path: str) -> str:
    known = [str(member.value) for member in kind]
    if value not in known:
        raise BadRequestError(400, "bad_field", f"{path}: expected one of {', '.join(known)}")
    return str(value)
