"""Keys for other systems: shown once, kept as a digest."""

from __future__ import annotations

import secrets

from integrations.settings import Settings
from service.opened_store import opened_store
from service.security import digest


def add_key(settings: Settings, name: str, scopes: frozenset[str]) -> str:
    """The new key itself."""
    key = f"tq_{secrets.token_urlsafe(32)}"
    with opened_store(settings) as store, store.transaction() as records:
        records.api_keys.put(digest(key), name, scopes)
    return key
