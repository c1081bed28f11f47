"""A database URL to an engine set up the way the store needs it."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from sqlite3 import Connection as SqliteConnection

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

_SPELLINGS = {
    "sqlite": "sqlite+pysqlite",
    "sqlite+pysqlite": "sqlite+pysqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}

write_json = partial(json.dumps, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def connect(url: str, *, busy_seconds: float = 5.0) -> Engine:
    """An engine; no connection is made yet.

    ``busy_seconds`` is how long a transaction waits for its turn, for a lock, or for a connection. Raises ValueError
    for a URL that is neither a SQLite file nor PostgreSQL.
    """
    address = _address(url)
    if address.get_backend_name() == "sqlite":
        return _sqlite(address, busy_seconds)
    return _postgresql(address, busy_seconds)


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise ValueError(f"the database URL cannot be read: {error}") from error
    if address.drivername not in _SPELLINGS:
        raise ValueError(
            f"the database URL starts with {address.drivername!r}: use sqlite:///FILE or postgresql://USER@HOST/NAME"
        )
    if address.get_backend_name() == "sqlite" and address.database in (None, "", ":memory:"):
        raise ValueError("the database URL names no SQLite file: use sqlite:///FILE, or MemoryStore to keep nothing")
    return address.set(drivername=_SPELLINGS[address.drivername])


def _sqlite(address: URL, busy_seconds: float) -> Engine:
    """One connection for the whole process.

    SQLite has one writer at a time anyway. Threads that queue for the connection wake in turn and at once, where
    SQLite's own lock would be polled with growing sleeps; its busy timeout is left for other processes.
    """
    file = Path(str(address.database))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)  # people's addresses are in it
    engine = create_engine(
        address,
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
        pool_timeout=busy_seconds,
        json_serializer=write_json,
        hide_parameters=True,  # people's words and addresses stay out of error texts and logs
        connect_args={"check_same_thread": False, "timeout": busy_seconds, "isolation_level": None},
    )
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _set_up_sqlite(connection: SqliteConnection, _record: object) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    # With WAL, NORMAL survives a killed process whole; only a power cut may take back the last commits, never part of
    # one. FULL would sync the disk at every commit, which is most of a turn's time. A shop that cannot lose a second
    # runs PostgreSQL.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")  # what a person had erased is gone from the file as well


def _begin_immediate(connection: Connection) -> None:
    """Take the write lock first: a transaction that reads and then writes could otherwise fail in its middle."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _postgresql(address: URL, busy_seconds: float) -> Engine:
    return create_engine(
        address,
        isolation_level="READ COMMITTED",
        pool_size=10,
        max_overflow=5,
        pool_timeout=busy_seconds,
        pool_pre_ping=True,
        json_serializer=write_json,
        hide_parameters=True,  # people's words and addresses stay out of error texts and logs
        connect_args={
            "connect_timeout": max(2, round(busy_seconds)),  # whole seconds; libpq takes 1 for 2
            "options": f"-c timezone=UTC -c lock_timeout={round(busy_seconds * 1000)}",
        },
    )
