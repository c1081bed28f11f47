"""The first start: somebody who can log in, and replies to begin with. Later starts change nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid5

import yaml

from integrations.wiring import Shop
from retention.associate import Role
from retention.canned import CannedReply
from retention.errors import NameTakenError
from service.first_people import first_people

STARTERS = Path(__file__).parent / "starter_replies.yml"
STARTER_IDS = UUID("3b0d5f0a-6f0d-4b0b-9d0c-5a9c2f1e7a44")


def found(shop: Shop) -> None:
    """In a shop whose accounts nobody keeps: ``admin`` with the console's password, in a demo shop some people besides."""
    with shop.store.transaction() as records:
        if any(each.role is Role.ADMIN for each in records.associates.listed()):
            return
        for reply in starter_replies(shop.clock()):
            records.canned.add(reply)
    for associate in first_people(demo=shop.settings.demo):
        with suppress(NameTakenError):  # another process starts at the same time
            shop.accounts.add(associate, shop.settings.secrets.console_password, actor="system")


def starter_replies(at: datetime) -> Iterator[CannedReply]:
    """Everybody's replies of a new shop. An id follows from its shortcut, so two who start at once add them once."""
    for row in yaml.safe_load(STARTERS.read_text(encoding="utf-8")):
        yield CannedReply(
            canned_id=str(uuid5(STARTER_IDS, row["shortcut"])),
            shortcut=row["shortcut"],
            title=row["title"],
            text=row["text"],
            owner=None,
            updated_at=at,
        )
