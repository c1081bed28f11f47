"""The two inserts that meet a row of the same key. SQLite and PostgreSQL spell them alike.

The dialects' own ``on_conflict_do_...`` would do, but SQLAlchemy 2.0 never caches their compiled form: 200 us a
statement instead of 30. Catching the IntegrityError instead would not do: PostgreSQL aborts the transaction on it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, cast

from sqlalchemy import Insert, Table
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

MOST_KEYS = 500
"""In one list: SQLite and PostgreSQL both limit the parameters of a statement."""


def in_parts(keys: Collection[str]) -> Iterator[list[str]]:
    """Each key once, in lists short enough for one statement."""
    distinct = list(dict.fromkeys(keys))
    for start in range(0, len(distinct), MOST_KEYS):
        yield distinct[start : start + MOST_KEYS]


def insert_new(table: Table) -> Insert:
    """Leaves a row of the same unique key alone; the result's ``rowcount`` says how many were new."""
    return _InsertNew(table).execution_options(preserve_rowcount=True)  # else psycopg has forgotten it


def insert_or_replace(table: Table) -> Insert:
    """Overwrites the row of the same primary key, but for the store's own columns: those with a server default."""
    return _InsertOrReplace(table)


class _InsertNew(Insert):
    inherit_cache = True


class _InsertOrReplace(Insert):
    inherit_cache = True


@compiles(_InsertNew)
def _insert_new(insert: _InsertNew, compiler: SQLCompiler, **options: Any) -> str:
    return f"{_plain(insert, compiler, options)} ON CONFLICT DO NOTHING"


@compiles(_InsertOrReplace)
def _insert_or_replace(insert: _InsertOrReplace, compiler: SQLCompiler, **options: Any) -> str:
    table = cast(Table, insert.table)
    name = compiler.preparer.format_column
    key = ", ".join(name(column) for column in table.primary_key)
    replaced = [column for column in table.columns if not column.primary_key and column.server_default is None]
    settings = ", ".join(f"{name(column)} = excluded.{name(column)}" for column in replaced)
    return f"{_plain(insert, compiler, options)} ON CONFLICT ({key}) DO UPDATE SET {settings}"


def _plain(insert: Insert, compiler: SQLCompiler, options: dict[str, Any]) -> str:
    return cast(str, compiler.visit_insert(insert, **options))  # type: ignore[no-untyped-call]
