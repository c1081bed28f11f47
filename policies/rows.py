"""Reading the shop's YAML rows: every complaint names the file, the path, the value, what is expected and what to do.

Whoever edits the rows reads the complaint, so it is in Chinese.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import TypeVar

from rows.row_error import QUOTE, RowError, meant, shown

Choice = TypeVar("Choice", bound=Enum)
_ID = re.compile(r"[a-z][a-z0-9_]{0,63}")


class PolicyError(RowError):
    """A row of the shop's rules cannot be used."""


class Row:
    """One mapping of a YAML file and where it stands."""

    def __init__(self, file: str, path: str, data: object) -> None:
        if not isinstance(data, dict):
            raise PolicyError(file, path, data, "一组“键: 值”")
        self.file = file
        self.path = path
        self._data: dict[object, object] = data

    def __contains__(self, key: str) -> bool:
        return key in self._data

    @property
    def is_empty(self) -> bool:
        return not self._data

    def says(self, key: str, word: str) -> bool:
        return self._data.get(key) == word

    def error(self, key: str, expected: str, remedy: str = "") -> PolicyError:
        return PolicyError(self.file, self._at(key), self._data.get(key), expected, remedy)

    def error_in(self, key: str, index: int, expected: str, remedy: str = "") -> PolicyError:
        """As ``error``, of one element of a list."""
        listed = self._data.get(key)
        value = listed[index] if isinstance(listed, list) else listed
        return PolicyError(self.file, f"{self._at(key)}[{index}]", value, expected, remedy)

    def only(self, *known: str) -> None:
        """Refuse keys nobody reads: a misspelt threshold must not pass for the default."""
        for key, value in self._data.items():
            if key not in known:
                place = self._at(key if isinstance(key, str) else shown(key))
                raise PolicyError(self.file, place, value, f"以下键之一：{'、'.join(known)}", meant(key, known))

    def row(self, key: str) -> Row:
        return Row(self.file, self._at(key), self._data.get(key))

    def rows(self, key: str) -> list[Row]:
        value = self._data.get(key)
        if not isinstance(value, list):
            raise self.error(key, "若干行，每行以 - 开头")
        return [Row(self.file, f"{self._at(key)}[{index}]", entry) for index, entry in enumerate(value)]

    def text(self, key: str) -> str:
        value = self._data.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.error(key, "文字", QUOTE if isinstance(value, (int, float, date)) else "")
        return value

    def identifier(self, key: str) -> str:
        value = self._data.get(key)
        if not isinstance(value, str) or not _ID.fullmatch(value):
            raise self.error(key, "编号：小写字母开头，只含小写字母、数字和 _，最多 64 个字")
        return value

    def match(self, key: str, pattern: str, expected: str, remedy: str = "") -> re.Match[str]:
        """A text of a form."""
        value = self._data.get(key)
        found = re.fullmatch(pattern, value, re.ASCII) if isinstance(value, str) else None
        if found is None:
            raise self.error(key, expected, remedy)
        return found

    def texts(self, key: str) -> list[str]:
        value = self._data.get(key)
        if not isinstance(value, list) or not value:
            raise self.error(key, "至少一项的列表，例如 [甲, 乙]")
        for index, part in enumerate(value):
            if not isinstance(part, str) or not part.strip():
                raise self.error_in(key, index, "文字", QUOTE if isinstance(part, (int, float, date)) else "")
        return [str(part) for part in value]

    def among(self, key: str, known: Collection[str], remedy: str = "") -> frozenset[str]:
        """Some of the known words; ``remedy`` is what to do about one that is missing there."""
        for index, part in enumerate(self.texts(key)):
            if part not in known:
                raise self.error_in(key, index, f"以下之一：{'、'.join(known)}", meant(part, known) or remedy)
        return frozenset(self.texts(key))

    def number(self, key: str, least: float, most: float) -> float:
        value = self._data.get(key)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= most:
            raise self.error(key, f"{least:g} 到 {most:g} 的数")
        return float(value)

    def whole(self, key: str, least: int, most: int) -> int:
        value = self._data.get(key)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise self.error(key, f"{least} 到 {most} 的整数")
        return value

    def fen(self, key: str, most_yuan: int) -> int:
        """An amount of yuan, returned in fen."""
        self.number(key, 0, most_yuan)
        fen = Decimal(str(self._data[key])) * 100
        if fen != int(fen):
            raise self.error(key, "最多两位小数的元数")
        return int(fen)

    def flag(self, key: str) -> bool:
        value = self._data.get(key)
        if not isinstance(value, bool):
            raise self.error(key, "true 或 false")
        return value

    def day(self, key: str) -> date:
        """A calendar day of this century."""
        value = self._data.get(key)
        # A datetime is a date to Python, not to a calendar.
        if type(value) is not date or not 2000 <= value.year < 2100:
            raise self.error(key, "日期，例如 2026-11-01")
        return value

    def dates(self, key: str) -> list[date]:
        """Perhaps none."""
        value = self._data.get(key)
        if not isinstance(value, list) or not all(type(day) is date for day in value):
            raise self.error(key, "日期的列表，例如 [2027-01-01]")
        return value

    def named(self, key: str) -> list[tuple[str, Row]]:
        """Rows by name, perhaps none."""
        inner = self.row(key)
        for name in inner._data:
            if not isinstance(name, str) or not name:
                raise self.error(key, "按名称分行")
        return [(str(name), inner.row(str(name))) for name in inner._data]

    def choice(self, key: str, of: type[Choice]) -> Choice:
        return self._one(self._at(key), self._data.get(key), of)

    def choices(self, key: str, of: type[Choice]) -> Sequence[Choice]:
        return [self._one(f"{self._at(key)}[{index}]", part, of) for index, part in enumerate(self.texts(key))]

    def _one(self, place: str, value: object, of: type[Choice]) -> Choice:
        known = [str(member.value) for member in of]
        if isinstance(value, str) and value in known:
            return of(value)
        raise PolicyError(self.file, place, value, f"以下之一：{'、'.join(known)}", meant(value, known))

    def _at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key


def unique(rows: Sequence[Row], ids: Sequence[str]) -> None:
    """Raises PolicyError at the first row whose id stood before."""
    for index, (row, name) in enumerate(zip(rows, ids, strict=True)):
        if name in ids[:index]:
            first = rows[list(ids).index(name)].path
            raise row.error("id", "别的行没有用过的编号", f"{first} 已经叫 {name}，请改其中一个")
