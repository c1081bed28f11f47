"""The cells of a table as the nested values of a request body."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

from pydantic_core import from_json

from service.importing.row import ImportFileError, Wrong

JSON_COLUMNS = frozenset({"lines", "address", "attributes", "data"})
KEPT_EMPTY = "address"
"""Of an address an empty cell is an empty part; any other empty cell is absent."""


class CellError(ValueError):
    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.wrong = Wrong(field=column, reason=reason)


def nested(cells: Mapping[str, Any]) -> dict[str, Any]:
    """``address.city`` is a part of ``address``; ``lines``, ``address``, ``attributes`` and ``data`` may hold JSON text.

    Raises CellError for a cell that should be JSON and is not.
    """
    values: dict[str, Any] = {}
    for column, cell in cells.items():
        first, dot, rest = _parts(column)
        if cell is None or (cell == "" and not (dot and first == KEPT_EMPTY)):
            continue
        found = json_of(column, cell) if column in JSON_COLUMNS and isinstance(cell, str) else cell
        if dot:
            part = values.setdefault(first, {})
            if not isinstance(part, dict):
                raise CellError(column, f"{first} 已经整个写在一列里，不能再分列写")
            part[rest] = found
        else:
            values[first] = found
    return values


@lru_cache(maxsize=1024)
def _parts(column: str) -> tuple[str, str, str]:
    return column.partition(".")


def json_of(column: str, text: str) -> Any:
    try:
        return from_json(text, allow_inf_nan=False)
    except (ValueError, RecursionError) as problem:
        raise CellError(column, f"不是 JSON（{problem}）") from problem


def check_columns(name: str, columns: Sequence[str], known: Collection[str], needed: Collection[str]) -> None:
    """Raises ImportFileError unless every column is known once and what every line needs has one."""
    empty = [place for place, column in enumerate(columns, start=1) if not column.strip()]
    twice = sorted({column for column in columns if columns.count(column) > 1})
    firsts = {column.partition(".")[0] for column in columns}
    strange = [column for column in columns if not _is_known(column, known)]
    missing = [column for column in needed if column not in firsts]
    problems: Sequence[tuple[Sequence[object], Callable[[str], str]]] = (
        (empty, lambda found: f"第 {found} 列没有列名"),
        (twice, lambda found: f"列名重复：{found}"),
        (strange, lambda found: f"不认识的列：{found}"),
        (missing, lambda found: f"缺少必需的列：{found}"),
    )
    said = [words("、".join(map(str, found[:10]))) for found, words in problems if found]
    if said:
        allowed = "、".join(known)
        raise ImportFileError(f"{name}：表头不对，什么都没有写入。{'；'.join(said)}。可用的列：{allowed}")


def _is_known(column: str, known: Collection[str]) -> bool:
    first, dot, _ = column.partition(".")
    return first in known and (not dot or first in JSON_COLUMNS - {"lines"})
