"""Reading catalog values: a bad one is refused with its file, its exact path, what it is and what it should be."""

from __future__ import annotations

import math
import re
import reprlib
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from string import Formatter
from typing import TypeVar

_Choice = TypeVar("_Choice", bound=Enum)
MOST_YUAN = 100_000_000
_ID = re.compile(r"[a-z][a-z0-9_]{0,63}")


class CatalogError(ValueError):
    """``path`` is as written in YAML, for example ``rows[3].budget.cap_yuan``; empty for the whole file."""

    def __init__(self, *, file: str, path: str, found: str, expected: str) -> None:
        super().__init__(f"{file}: {path or 'the whole file'} {found}; expected {expected}")
        self.file = file
        self.path = path
        self.found = found
        self.expected = expected


@dataclass(frozen=True, kw_only=True)
class Node:
    """One value of the file and where it stands. Every reader raises CatalogError when the value is not as it says."""

    file: str
    path: str
    value: object

    def wrong(self, expected: str) -> CatalogError:
        return CatalogError(file=self.file, path=self.path, found=f"is {_shown(self.value)}", expected=expected)

    def mapping(self, required: Collection[str], optional: Collection[str] = ()) -> dict[str, Node]:
        """The values of a mapping by key; a missing key and an unknown key are errors."""
        if not isinstance(self.value, dict):
            raise self.wrong(f"a mapping with the keys {', '.join(required)}")
        known = [*required, *optional]
        for key in self.value:
            if key not in known:
                place = self._under(key if isinstance(key, str) else _shown(key))
                raise CatalogError(
                    file=self.file, path=place, found="is not a known key", expected=f"one of {', '.join(known)}"
                )
        for key in required:
            if key not in self.value:
                raise CatalogError(file=self.file, path=self._under(key), found="is missing", expected="a value")
        return {
            key: Node(file=self.file, path=self._under(key), value=self.value[key])
            for key in known
            if key in self.value
        }

    def items(self, expected: str) -> list[Node]:
        """The elements of a list that has at least one."""
        if not isinstance(self.value, list) or not self.value:
            raise self.wrong(f"a list of {expected}, not empty")
        return [Node(file=self.file, path=f"{self.path}[{i}]", value=item) for i, item in enumerate(self.value)]

    def text(self) -> str:
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.wrong("a text, not empty")
        return self.value.strip()

    def identifier(self) -> str:
        if not isinstance(self.value, str) or not _ID.fullmatch(self.value):
            raise self.wrong("an id: lower-case letters, digits and _, a letter first, at most 64")
        return self.value

    def texts(self, expected: str) -> frozenset[str]:
        """A list of texts that has at least one."""
        return frozenset(node.text() for node in self.items(expected))

    def day(self) -> date:
        """A calendar day of this century, as YAML or as text."""
        value = self.value
        if isinstance(value, str):
            with suppress(ValueError):
                value = date.fromisoformat(value)
        if not isinstance(value, date) or isinstance(value, datetime) or not 2000 <= value.year < 2100:
            raise self.wrong("a day such as 2026-11-11")
        return value

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.wrong("true or false")
        return self.value

    def whole(self, least: int, most: int) -> int:
        if not isinstance(self.value, int) or isinstance(self.value, bool) or not least <= self.value <= most:
            raise self.wrong(f"a whole number from {least} to {most}")
        return self.value

    def decimal(self, least: int, most: int) -> Decimal:
        number = self.value
        fits = isinstance(number, (int, float)) and not isinstance(number, bool) and least <= number <= most
        if not fits:
            raise self.wrong(f"a number from {least} to {most}")
        return Decimal(str(number))

    def share(self) -> Decimal:
        """A part of one, for example 0.15 for 15 %."""
        return self.decimal(0, 1)

    def yuan(self) -> int:
        """An amount of yuan, returned in fen."""
        expected = f"yuan from 0 to {MOST_YUAN}, at most two decimals"
        number = self.value
        if isinstance(number, bool) or not isinstance(number, (int, float)) or not 0 <= number <= MOST_YUAN:
            raise self.wrong(expected)
        fen = Decimal(str(number)) * 100
        if fen != math.floor(fen):
            raise self.wrong(expected)
        return int(fen)

    def choice(self, options: type[_Choice], among: Collection[_Choice] | None = None) -> _Choice:
        """A member of an enum by its value, one of ``among`` when that is given."""
        allowed = [option for option in options if among is None or option in among]
        for option in allowed:
            if self.value == option.value:
                return option
        raise self.wrong("one of " + ", ".join(str(option.value) for option in allowed))

    def choices(self, options: type[_Choice], among: Collection[_Choice] | None = None) -> tuple[_Choice, ...]:
        """A list of different members, not empty."""
        nodes = self.items(f"{options.__name__.lower()} values")
        chosen: list[_Choice] = []
        for node in nodes:
            option = node.choice(options, among)
            if option in chosen:
                raise node.wrong("each value once")
            chosen.append(option)
        return tuple(chosen)

    def template(self, words: Collection[str]) -> str:
        """A text whose ``{word}`` holes are all among ``words``."""
        text = self.text()
        try:
            holes = [part[1:] for part in Formatter().parse(text) if part[1] is not None]
        except ValueError:
            raise self.wrong("a text in which every { has its }") from None
        if any(word not in words or spec or conversion for word, spec, conversion in holes):
            raise self.wrong("no holes but " + ", ".join(f"{{{word}}}" for word in sorted(words)))
        return text

    def _under(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key


def unique(nodes: Sequence[Node], values: Sequence[str]) -> None:
    """Raises CatalogError at the first node whose value stood before."""
    seen: set[str] = set()
    for node, value in zip(nodes, values, strict=True):
        if value in seen:
            raise node.wrong("an id that no other row has")
        seen.add(value)


def _shown(value: object) -> str:
    try:
        return reprlib.repr(value)
    except ValueError:  # Python refuses to print whole numbers of thousands of digits
        return "a number too long to show"
