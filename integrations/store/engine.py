"""The store on SQLAlchemy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError

from integrations.store.busy import is_busy
from integrations.store.connect import connect
from integrations.store.records import SqlRecords
from integrations.store.tables import BUDGETS
from retention.errors import StoreBusyError
from retention.ports import Records, Store

_CAN_SERVE = select(BUDGETS.c.budget_id).limit(1)


def open_store(url: str, *, busy_seconds: float = 5.0) -> SqlStore:
    """The store at a database URL, whose tables ``migration.migrate`` has made. May be used from many threads.

    Nothing is connected before the first transaction. Raises ValueError for a URL that is neither SQLite nor PostgreSQL.
    """
    return SqlStore(connect(url, busy_seconds=busy_seconds))


class SqlStore(Store):
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def transaction(self) -> Iterator[Records]:
        """A connection lost while committing also raises StoreBusyError, and then nobody knows what was written.

        Every write of the core carries a key, so trying again is right in that case too.
        """
        try:
            with self._engine.begin() as connection:
                yield SqlRecords(connection)
        except SQLAlchemyError as error:
            if is_busy(error):
                raise StoreBusyError from error
            raise

    def check(self) -> None:
        try:
            with self._engine.begin() as connection:
                connection.execute(_CAN_SERVE)
        except SQLAlchemyError as error:
            raise StoreBusyError from error

    def close(self) -> None:
        self._engine.dispose()
