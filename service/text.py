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


def sendable(text: str) -> str:
    """A shopper's text: also no command of the dialogue engine."""
    text = cleaned(text)
    if is_command(text):
        raise ProblemError(422, "control_text", "消息不能以斜杠开头，请换个说法再发送。")
    return text
