"""Reading catalog values: a bad one is refused with its file, its exact path, what it is and what it should be.

Whoever edits the catalog reads the complaint, so it is in Chinese.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from string import Formatter
from typing import TypeVar

from rows.row_error import QUOTE, RowError, meant, shown

_Choice = TypeVar("_Choice", bound=Enum)
MOST_YUAN = 100_000_000
_ID = re.compile(r"[a-z][a-z0-9_]{0,63}")


class CatalogError(RowError):
    """A value of the catalog, or of the guard's rows, cannot be used."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """One value of the file and where it stands. Every reader raises CatalogError when the value is not as it says."""

    file: str
    path: str
    value: object

    def wrong(self, expected: str, remedy: str = "") -> CatalogError:
        return CatalogError(self.file, self.path, self.value, expected, remedy)

    def one_of(self, known: Iterable[str]) -> CatalogError:
        """That the value is none of the known words."""
        words = list(known)
        return self.wrong(f"以下之一：{'、'.join(words)}", meant(self.value, words))

    def mapping(self, required: Collection[str], optional: Collection[str] = ()) -> dict[str, Node]:
        """The values of a mapping by key; a missing key and an unknown key are errors."""
        if not isinstance(self.value, dict):
            raise self.wrong(f"一组“键: 值”，键有{'、'.join([*required, *optional])}")
        known = [*required, *optional]
        for key in self.value:
            if key not in known:
                place = self._under(key if isinstance(key, str) else shown(key))
                expected = f"以下键之一：{'、'.join(known)}"
                raise CatalogError(self.file, place, self.value[key], expected, meant(key, known))
        for key in required:
            if key not in self.value:
                raise CatalogError(self.file, self._under(key), None, "一个值，不能省略")
        return {
            key: Node(file=self.file, path=self._under(key), value=self.value[key])
            for key in known
            if key in self.value
        }

    def items(self, of: str) -> list[Node]:
        """The elements of a list that has at least one."""
        if not isinstance(self.value, list) or not self.value:
            raise self.wrong(f"{of}的列表，至少一项")
        return [Node(file=self.file, path=f"{self.path}[{i}]", value=item) for i, item in enumerate(self.value)]

    def text(self) -> str:
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.wrong("文字", QUOTE if isinstance(self.value, (int, float, date)) else "")
        return self.value.strip()

    def identifier(self) -> str:
        if not isinstance(self.value, str) or not _ID.fullmatch(self.value):
            raise self.wrong("编号：小写字母开头，只含小写字母、数字和 _，最多 64 个字")
        return self.value

    def texts(self, of: str) -> frozenset[str]:
        """A list of texts that has at least one."""
        return frozenset(node.text() for node in self.items(of))

    def day(self) -> date:
        """A calendar day of this century, as YAML or as text."""
        value = self.value
        if isinstance(value, str):
            with suppress(ValueError):
                value = date.fromisoformat(value)
        if not isinstance(value, date) or isinstance(value, datetime) or not 2000 <= value.year < 2100:
            raise self.wrong("日期，例如 2026-11-11")
        return value

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.wrong("true 或 false")
        return self.value

    def whole(self, least: int, most: int) -> int:
        if not isinstance(self.value, int) or isinstance(self.value, bool) or not least <= self.value <= most:
            raise self.wrong(f"{least} 到 {most} 的整数")
        return self.value

    def decimal(self, least: int, most: int) -> Decimal:
        number = self.value
        fits = isinstance(number, (int, float)) and not isinstance(number, bool) and least <= number <= most
        if not fits:
            raise self.wrong(f"{least} 到 {most} 的数")
        return Decimal(str(number))

    def share(self) -> Decimal:
        """A part of one, for example 0.15 for 15 %."""
        return self.decimal(0, 1)

    def yuan(self) -> int:
        """An amount of yuan, returned in fen."""
        expected = f"0 到 {MOST_YUAN} 的元数，最多两位小数"
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
        raise self.one_of(str(option.value) for option in allowed)

    def choices(self, options: type[_Choice], among: Collection[_Choice] | None = None) -> tuple[_Choice, ...]:
        """A list of different members, not empty."""
        nodes = self.items("选项")
        chosen: list[_Choice] = []
        for node in nodes:
            option = node.choice(options, among)
            if option in chosen:
                raise node.wrong("每项只写一次")
            chosen.append(option)
        return tuple(chosen)

    def template(self, words: Collection[str]) -> str:
        """A text whose ``{word}`` holes are all among ``words``."""
        text = self.text()
        try:
            holes = [part[1:] for part in Formatter().parse(text) if part[1] is not None]
        except ValueError:
            raise self.wrong("成对的 { 和 }") from None
        if any(word not in words or spec or conversion for word, spec, conversion in holes):
            raise self.wrong("只含这些空的文字：" + "、".join(f"{{{word}}}" for word in sorted(words)))
        return text

    def _under(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key


def unique(nodes: Sequence[Node], values: Sequence[str]) -> None:
    """Raises CatalogError at the first node whose value stood before."""
    seen: set[str] = set()
    for node, value in zip(nodes, values, strict=True):
        if value in seen:
            raise node.wrong("别的行没有用过的编号")
        seen.add(value)
