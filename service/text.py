"""What people may send as a message."""

from __future__ import annotations

import unicodedata

from integrations.channels.turn_request import TEXT_LIMIT, is_command
from service.problems import ProblemError

KEPT_CONTROLS = "\n\t"


def cleaned(text: str) -> str:
    """Without control characters. Raises ProblemError for what is empty or too long."""
    text = "".join(char for char in text if char in KEPT_CONTROLS or unicodedata.category(char) not in ("Cc", "Cs"))
    if not text.strip():
        raise ProblemError(422, "empty_text", "消息是空的，请写点内容再发送。")
    if len(text) > TEXT_LIMIT:
        raise ProblemError(422, "text_too_long", f"消息太长了，请控制在 {TEXT_LIMIT} 字以内，可以分几条发送。")
    return text


def channel_text(text: str) -> str:
    """What came from a messaging platform, made sendable: it cannot be refused there, and its emoticons begin with a slash.

    >>> channel_text("/::)谢谢"), channel_text("  ")
    ('::)谢谢', '')
    """
    while is_command(text):
        text = text[1:]
    text = text[:TEXT_LIMIT]
    visible = (char for char in text if not char.isspace() and unicodedata.category(char) not in ("Cc", "Cs"))
    return text if next(visible, "") else ""


def sendable(text: str) -> str:
    """A shopper's text: also no command of the dialogue engine."""
    text = cleaned(text)
    if is_command(text):
        raise ProblemError(422, "control_text", "消息不能以斜杠开头，请换个说法再发送。")
    return text
