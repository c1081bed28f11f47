"""The three stores that must behave alike: in memory, in a SQLite file, in PostgreSQL."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from integrations.memory.store import MemoryStore
from integrations.store.engine import open_store
from integrations.store.migration import migrate
from integrations.store.tables import METADATA
from retention.ports import Store

KINDS = ("memory", "sqlite", "postgresql")


@dataclass(frozen=True, kw_only=True)
class Backend:
    """A store with no rows in it. ``dump`` gives every row as text; ``url`` opens it once more, but not in memory."""

    kind: str
    store: Store
    dump: Callable[[], str]
    url: str


@pytest.fixture(params=KINDS)
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    made: Backend = request.getfixturevalue(f"{request.param}_backend")
    yield made
    made.store.close()


@pytest.fixture
def store(backend: Backend) -> Store:
    return backend.store


@pytest.fixture
def memory_backend() -> Backend:
    store = MemoryStore()

    def dump() -> str:
        with store.transaction() as records:
            return repr({name: vars(repository) for name, repository in vars(records).items()})

    return Backend(kind="memory", store=store, dump=dump, url="")


@pytest.fixture
def sqlite_backend(tmp_path: Path, migrated_file: Path) -> Backend:
    file = tmp_path / "store.db"
    shutil.copy(migrated_file, file)

    def dump() -> str:
        with closing(sqlite3.connect(file)) as connection:
            return "\n".join(connection.iterdump())

    return Backend(kind="sqlite", store=open_store(f"sqlite:///{file}"), dump=dump, url=f"sqlite:///{file}")


@pytest.fixture
def postgresql_backend(migrated_database: str) -> Backend:
    tables = [table.name for table in METADATA.sorted_tables]
    with psycopg.connect(migrated_database) as connection:
        connection.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE".encode())

    def dump() -> str:
        with psycopg.connect(migrated_database) as connection:
            rows = [connection.execute(f"SELECT row.*::text FROM {table} row".encode()).fetchall() for table in tables]
            return "\n".join(str(row[0]) for table_rows in rows for row in table_rows)

    return Backend(kind="postgresql", store=open_store(migrated_database), dump=dump, url=migrated_database)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "store.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def migrated_database(postgresql_server: str) -> str:
    migrate(postgresql_server)
    return postgresql_server


@pytest.fixture(params=("sqlite", "postgresql"))
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: str = request.getfixturevalue("postgresql_server")
    with closing(psycopg.connect(server, autocommit=True)) as connection:
        connection.execute("CREATE DATABASE empty")
        yield server.replace("/postgres?", "/empty?")
        connection.execute("DROP DATABASE empty WITH (FORCE)")
