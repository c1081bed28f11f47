"""One line of a file on its way in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class ImportFileError(ValueError):
    """The file as a whole cannot be read; the words are for the operator."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """How far a file has been read: lines (rows of a table), and bytes of its text (rows of a table again)."""

    line: int = 0
    position: int = 0


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """``field`` is the path of what is wrong, empty for the line as a whole; ``reason`` is Chinese, for the operator."""

    field: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """``raw`` is the line as it stands in the file, as far as JSON can say it; ``values`` what it says, unless ``wrong``.

    ``typed``: its values carry types (JSON), so "1" is no number. ``after`` is the place behind it.
    """

    line: int
    after: Place
    raw: Any
    values: Mapping[str, Any]
    typed: bool = False
    wrong: Wrong | None = None


@dataclass(frozen=True, kw_only=True)
class Reject:
    line: int
    errors: tuple[Wrong, ...]
    raw: Any
