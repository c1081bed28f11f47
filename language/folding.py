"""A message in one spelling in which every character still knows where it came from."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from language.normalise import is_seen, simplified_char


@dataclass(frozen=True, kw_only=True)
class Folded:
    """``text``: NFKC width, Simplified, lower case, nothing invisible; ``places[i]``: offset of its i-th character."""

    original: str
    text: str
    places: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the original of a non-empty stretch of the folded text."""
        return self.places[start], self.places[end - 1] + 1

    def written(self, start: int, end: int) -> str:
        """The stretch as the writer wrote it."""
        first, last = self.span(start, end)
        return self.original[first:last]


def fold(text: str) -> Folded:
    chars: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        for plain in _folded(char):
            chars.append(plain)
            places.append(place)
    return Folded(original=text, text="".join(chars), places=tuple(places))


def _folded(char: str) -> str:
    if char.isspace():
        return " "
    wide = unicodedata.normalize("NFKC", char).lower()
    return "".join(simplified_char(part) for part in wide if is_seen(part))
