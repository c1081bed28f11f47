"""Reading the shop's YAML rows: every complaint names the file, the path, the value and what was expected."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import Enum
from typing import TypeVar

Choice = TypeVar("Choice", bound=Enum)


class PolicyError(ValueError):
    """A row of the shop's rules cannot be used."""

    def __init__(self, file: str, path: str, value: object, expected: str) -> None:
        super().__init__(f"{file}: {path or '(top)'} = {value!r}: expected {expected}")
        self.file = file
        self.path = path
        self.value = value
        self.expected = expected


class Row:
    """One mapping of a YAML file and where it stands."""

    def __init__(self, file: str, path: str, data: object) -> None:
        if not isinstance(data, dict):
            raise PolicyError(file, path, data, "a mapping")
        self.file = file
        self.path = path
        self._data: dict[object, object] = data

    def __contains__(self, key: str) -> bool:
        return key in self._data

    def error(self, key: str, expected: str) -> PolicyError:
        return PolicyError(self.file, self._at(key), self._data.get(key), expected)

    def only(self, *known: str) -> None:
        """Refuse keys nobody reads: a misspelt threshold must not pass for the default."""
        for key in self._data:
            if key not in known:
                raise PolicyError(self.file, self._at(str(key)), self._data[key], f"one of the keys {', '.join(known)}")

    def row(self, key: str) -> Row:
        return Row(self.file, self._at(key), self._data.get(key))

    def rows(self, key: str) -> list[Row]:
        value = self._data.get(key)
        if not isinstance(value, list):
            raise self.error(key, "a list of rows")
        return [Row(self.file, f"{self._at(key)}[{index}]", entry) for index, entry in enumerate(value)]

    def text(self, key: str) -> str:
        value = self._data.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.error(key, "text")
        return value

    def texts(self, key: str) -> list[str]:
        value = self._data.get(key)
        if not isinstance(value, list) or not value or not all(isinstance(part, str) and part for part in value):
            raise self.error(key, "a list of texts")
        return [str(part) for part in value]

    def number(self, key: str, least: float, most: float) -> float:
        value = self._data.get(key)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= most:
            raise self.error(key, f"a number from {least:g} to {most:g}")
        return float(value)

    def whole(self, key: str, least: int, most: int) -> int:
        value = self._data.get(key)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise self.error(key, f"a whole number from {least} to {most}")
        return value

    def flag(self, key: str) -> bool:
        value = self._data.get(key)
        if not isinstance(value, bool):
            raise self.error(key, "true or false")
        return value

    def dates(self, key: str) -> list[date]:
        """Perhaps none."""
        value = self._data.get(key)
        # A datetime is a date to Python, not to a calendar.
        if not isinstance(value, list) or not all(type(day) is date for day in value):
            raise self.error(key, "a list of dates as 2027-01-01")
        return value

    def named(self, key: str) -> list[tuple[str, Row]]:
        """Rows by name, perhaps none."""
        inner = self.row(key)
        for name in inner._data:
            if not isinstance(name, str) or not name:
                raise self.error(key, "rows by name")
        return [(str(name), inner.row(str(name))) for name in inner._data]

    def choice(self, key: str, of: type[Choice]) -> Choice:
        return self._one(key, self._data.get(key), of)

    def choices(self, key: str, of: type[Choice]) -> Sequence[Choice]:
        return [self._one(key, value, of) for value in self.texts(key)]

    def _one(self, key: str, value: object, of: type[Choice]) -> Choice:
        try:
            return of(value)
        except ValueError:
            raise self.error(key, "one of " + ", ".join(str(member.value) for member in of)) from None

    def _at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key
