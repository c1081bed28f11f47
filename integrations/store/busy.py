"""Which database errors mean: nothing is wrong with the question, ask again."""

from __future__ import annotations

import sqlite3

import psycopg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

SQLITE_BUSY_CODES = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_PROTOCOL,  # two processes raced for the write-ahead log
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
    }
)
# SQLSTATE classes: connection, rollback (deadlock), resources, lock not available, operator intervention
POSTGRESQL_BUSY_CLASSES = frozenset({"08", "40", "53", "55", "57"})


def is_busy(error: SQLAlchemyError) -> bool:
    """Whether the store was locked or away."""
    if isinstance(error, PoolTimeoutError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    cause = error.orig
    if isinstance(cause, sqlite3.OperationalError):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in SQLITE_BUSY_CODES  # the low byte is the kind
    if isinstance(cause, psycopg.OperationalError):
        return cause.sqlstate is None or cause.sqlstate[:2] in POSTGRESQL_BUSY_CLASSES
    return error.connection_invalidated
