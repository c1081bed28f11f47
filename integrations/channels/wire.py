"""What the platforms have in common on the wire: limits, numbered choices, and what an answer's code means."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from retention.reply import Bubble, Button

TEXT_BYTES = 2048
MENU_HEAD_BYTES = 1024
MENU_LINE_BYTES = 128
MENU_LINES = 10
PUNCTUATION = " .。、,，)）"

Payload = Mapping[str, Any]
"""The platform's message without its addressee."""


class Verdict(str, Enum):
    """What to do after asking a platform."""

    DONE = "done"
    LATER = "later"  # busy or out of reach
    EXPIRED = "expired"  # the access token is no longer one
    QUOTA = "quota"  # the account has asked too often today or this minute
    BARRED = "barred"  # the account as a whole may not send until somebody changes a setting of the platform
    WAIT = "wait"  # nothing more until the person says something
    NEVER = "never"


VERDICTS: Mapping[int, Verdict] = {
    0: Verdict.DONE,
    -1: Verdict.LATER,
    6000: Verdict.LATER,  # WeCom: two changes at once
    40001: Verdict.EXPIRED,
    40014: Verdict.EXPIRED,
    41001: Verdict.EXPIRED,
    42001: Verdict.EXPIRED,
    45009: Verdict.QUOTA,
    45011: Verdict.QUOTA,
    45015: Verdict.WAIT,  # 48 hours are over by the platform's clock
    45033: Verdict.LATER,  # WeCom: too many calls at the same moment
    45047: Verdict.WAIT,  # too many messages since they last wrote
    60020: Verdict.BARRED,  # WeCom: our address is not among the trusted ones
    95001: Verdict.WAIT,  # five messages since they last wrote
    95002: Verdict.WAIT,  # 48 hours, as 45015
    95013: Verdict.WAIT,  # the session is over; their next message begins another
    95017: Verdict.BARRED,  # the switch of the interface is off
    95018: Verdict.LATER,  # a servicer has the session, of which we hear in a moment
}
"""By ``errcode``, from the platforms' tables of return codes; any other code is final: what is asked is wrong, or the person
cannot be written to.
"""


@dataclass(frozen=True, kw_only=True)
class Result:
    verdict: Verdict
    problem: str = ""
    data: Mapping[str, Any]


def pieces(text: str, most_bytes: int = TEXT_BYTES) -> Iterator[str]:
    """The text in parts that each fit, cut after a line or a sentence where there is one."""
    while len(text.encode()) > most_bytes:
        room = text.encode()[:most_bytes].decode(errors="ignore")
        cut = max(room.rfind(mark) for mark in "\n。！？；") + 1
        head = room[: cut or len(room)]
        yield head
        text = text[len(head) :]
    yield text


def numbered(bubble: Bubble) -> str:
    """The bubble as one text, its buttons as lines to answer by number."""
    if not bubble.buttons:
        return bubble.text
    lines = "\n".join(f"{number}. {button.title}" for number, button in enumerate(bubble.buttons, start=1))
    return f"{bubble.text}\n\n{lines}\n回复数字就行。"


def number_in(text: str) -> int | None:
    """The number this is, if it is nothing but a small one, however it is typed.

    >>> number_in("２。"), number_in("2 个")
    (2, None)
    """
    number = unicodedata.normalize("NFKC", text).strip(PUNCTUATION + "\n")
    return int(number) if number.isascii() and number.isdigit() and len(number) <= 2 else None


def picked(text: str, buttons: Sequence[Button]) -> Button | None:
    """The button whose number this is.

    >>> picked("２。", [Button(title="好的", text="接受方案"), Button(title="不用了", text="不用了")]).text
    '不用了'
    """
    number = number_in(text)
    return buttons[number - 1] if number is not None and 1 <= number <= len(buttons) else None


def menu_id(seq: int, index: int) -> str:
    """Names a button by the message it stands under."""
    return f"{seq}-{index}"


def of_menu_id(given: str) -> tuple[int, int] | None:
    """
    >>> of_menu_id("12-0"), of_menu_id("101")
    ((12, 0), None)
    """
    seq, dash, index = given.partition("-")
    return (int(seq), int(index)) if dash and _is_number(seq) and _is_number(index) else None


def fits_a_menu(bubble: Bubble) -> bool:
    return (
        0 < len(bubble.buttons) <= MENU_LINES
        and len(bubble.text.encode()) <= MENU_HEAD_BYTES
        and all(len(button.title.encode()) <= MENU_LINE_BYTES for button in bubble.buttons)
    )


def texts(bubble: Bubble) -> tuple[Payload, ...]:
    """What every platform takes."""
    return tuple({"msgtype": "text", "text": {"content": piece}} for piece in pieces(numbered(bubble)))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 9
