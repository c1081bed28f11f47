"""Bringing a database to the tables of this version. There is no other way tables are made."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import SQLAlchemyError

from integrations.store.busy import is_busy
from integrations.store.connect import connect
from retention.errors import StoreBusyError

ADVISORY_LOCK = 7_208_961  # any number nobody else locks in this database
SCRIPTS = Path(__file__).parent / "migrations"


def migrate(url: str, *, busy_seconds: float = 60.0) -> None:
    """Upgrade the database at ``url`` to the newest tables, in one transaction; nothing happens when it has them.

    Several processes may start at once: one works, the others wait for up to ``busy_seconds`` and find it done.
    Raises StoreBusyError when the database is locked or away.
    """
    engine = connect(url, busy_seconds=busy_seconds)
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":  # SQLite's transaction already is the only one
                connection.execute(select(func.pg_advisory_xact_lock(ADVISORY_LOCK)))
            command.upgrade(alembic_config(connection), "head")
    except SQLAlchemyError as error:
        if is_busy(error):
            raise StoreBusyError from error
        raise
    finally:
        engine.dispose()


def alembic_config(connection: Connection) -> Config:
    """What Alembic's commands need to work inside this connection's transaction."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
