"""Parquet, a thousand rows at a time: columns as in a table; ``lines`` may be a list of structs, ``address`` a struct."""

from __future__ import annotations

import glob
import hashlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from service.importing.cells import CellError, nested
from service.importing.row import ImportFileError, Place, Row

AT_ONCE = 1_000
ROWS = "SELECT * FROM read_parquet(?, file_row_number = true) WHERE file_row_number >= ?"  # in the file's order
NAIVE = "TIMESTAMP"
LIMITS: Mapping[str, Any] = {
    "threads": 1,
    "memory_limit": "512MB",
    "autoinstall_known_extensions": False,  # nothing is fetched from anywhere
    "autoload_known_extensions": False,
}


def digest_of(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def count_rows(file: Path) -> int:
    """Raises ImportFileError for what is no Parquet file."""
    with _opened(file) as (connection, path):
        found = connection.execute("SELECT count(*) FROM read_parquet(?)", [path]).fetchone()
    return int(found[0]) if found else 0


def parquet_rows(file: Path, place: Place, check: Callable[[Sequence[str]], None]) -> Iterator[Row]:
    """``check`` raises for columns that cannot be used. Raises ImportFileError for times without a zone as well."""
    with _opened(file) as (connection, path):
        columns = {
            str(name): str(kind)
            for name, kind, *_ in connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [path]).fetchall()
        }
        check(list(columns))
        _refuse_naive(file, columns)
        connection.execute(ROWS, [path, place.position])
        while found := connection.fetchmany(AT_ONCE):
            for *cells, number in found:
                yield _row(dict(zip(columns, cells, strict=True)), number)


@contextmanager
def _opened(file: Path) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
    """A connection, and the path as it has to be written in a statement that would otherwise look for patterns."""
    connection = duckdb.connect(":memory:", config=dict(LIMITS))
    try:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection, glob.escape(str(file))
    except duckdb.Error as problem:
        raise ImportFileError(f"{file.name}：不是可读的 Parquet 文件（{str(problem).splitlines()[0]}）") from problem
    finally:
        connection.close()


def _refuse_naive(file: Path, columns: Mapping[str, str]) -> None:
    naive = [name for name, kind in columns.items() if kind.startswith(NAIVE) and "TIME ZONE" not in kind]
    if naive:
        raise ImportFileError(
            f"{file.name}：{'、'.join(naive)} 是没有时区的时间，不知道是哪一刻，什么都没有写入。"
            '导出时请带上时区，pandas 里例如 df[列] = df[列].dt.tz_localize("Asia/Shanghai")'
        )


def _row(cells: Mapping[str, Any], number: int) -> Row:
    after = Place(line=number + 1, position=number + 1)
    raw = {name: _plain(cell) for name, cell in cells.items()}
    try:
        return Row(line=number + 1, after=after, raw=raw, values=nested(raw))
    except CellError as error:
        return Row(line=number + 1, after=after, raw=raw, values={}, wrong=error.wrong)


def _plain(cell: Any) -> Any:
    """Without what a table has to fill in where there is nothing: nulls, and NaN in a column of numbers."""
    if isinstance(cell, float):
        return None if math.isnan(cell) else cell
    if isinstance(cell, Decimal):
        return int(cell) if cell == cell.to_integral_value() else float(cell)
    if isinstance(cell, dict):
        return {name: plain for name, item in cell.items() if (plain := _plain(item)) is not None}
    if isinstance(cell, (list, tuple)):
        return [_plain(item) for item in cell]
    return cell
