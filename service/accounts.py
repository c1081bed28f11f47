"""Accounts from the command line, where nobody has to be logged in: also when the last password is lost."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timezone

from integrations.passwords import Argon2Passwords
from integrations.settings import Settings
from retention.accounts import Accounts
from retention.associate import Associate
from retention.ports import Store
from service.opened_store import opened_store

ACTOR = "cli"


def add_associate(settings: Settings, associate: Associate) -> str:
    """Their first password. Raises NameTakenError."""
    password = secrets.token_urlsafe(12)
    with opened_store(settings) as store:
        _accounts(store).add(associate, password, actor=ACTOR)
    return password


def disable_associate(settings: Settings, name: str) -> None:
    """They are logged out at once. Raises NotFoundError, LastAdminError."""
    with opened_store(settings) as store:
        _accounts(store).change(name, lambda associate: replace(associate, active=False), actor=ACTOR)


def list_associates(settings: Settings) -> Sequence[Associate]:
    with opened_store(settings) as store, store.transaction() as records:
        return records.associates.listed()


def _accounts(store: Store) -> Accounts:
    return Accounts(store=store, passwords=Argon2Passwords(), clock=_now)


def _now() -> datetime:
    return datetime.now(timezone.utc)
