"""Keys for other systems: shown once, kept as a digest."""

from __future__ import annotations

import secrets

from integrations.settings import Settings
from integrations.store.engine import open_store
from integrations.store.migration import migrate
from service.security import digest


def add_key(settings: Settings, name: str, scopes: frozenset[str]) -> str:
    """The new key itself."""
    key = f"tq_{secrets.token_urlsafe(32)}"
    migrate(settings.database_url)
    store = open_store(settings.database_url)
    try:
        with store.transaction() as records:
            records.api_keys.put(digest(key), name, scopes)
    finally:
        store.close()
    return key
