"""The lines of a text file from a place on, each within bounds, whatever stands in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from service.importing.row import Place

LONGEST = 1 << 20
SHOWN = 2_000


@dataclass(frozen=True, slots=True)
class TextLine:
    """``text`` ends as the line does. ``wrong`` says in Chinese why there is no more of it than ``text`` shows."""

    number: int
    after: Place
    text: str
    wrong: str = ""


def text_lines(stream: BinaryIO, encoding: str, place: Place) -> Iterator[TextLine]:
    """A line of more than ``LONGEST`` bytes, or in another encoding, comes as far as it can be shown."""
    stream.seek(place.position)
    number, end = place.line, place.position
    while data := stream.readline(LONGEST + 1):
        number += 1
        end += len(data)
        wrong = ""
        if len(data) > LONGEST:
            end += _skip(stream, data)
            data = data[:SHOWN]
            wrong = f"这一行超过 {LONGEST // 1024} KiB，这里只留下开头"
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            text = data.decode(encoding, "backslashreplace")
            wrong = wrong or f"这一行不是 {encoding.upper()} 编码"
        yield TextLine(number, Place(line=number, position=end), text, wrong)


def _skip(stream: BinaryIO, data: bytes) -> int:
    """Read to the end of the line; returns how many bytes that was."""
    skipped = 0
    while not data.endswith(b"\n") and (data := stream.readline(LONGEST)):
        skipped += len(data)
    return skipped
