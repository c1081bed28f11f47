"""The shop's database for one command: brought up to date first, closed after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from integrations.settings import Settings
from integrations.store.engine import open_store
from integrations.store.migration import migrate
from retention.ports import Store


@contextmanager
def opened_store(settings: Settings) -> Iterator[Store]:
    """Raises StoreBusyError."""
    migrate(settings.database_url)
    store = open_store(settings.database_url)
    try:
        yield store
    finally:
        store.close()
