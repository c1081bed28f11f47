"""Conversation profiles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, or_

from integrations.store.rows import Shape
from integrations.store.statements import insert_or_replace
from integrations.store.tables import PROFILES
from retention.ports import Profiles
from retention.profile import Profile

PROFILE = Shape(Profile, PROFILES)

_FIND = PROFILE.select().where(PROFILES.c.conversation_id == bindparam("conversation_id"))
_PUT = insert_or_replace(PROFILES)
_OF_CUSTOMER = (
    PROFILE.select()
    .where(PROFILES.c.customer_id == bindparam("customer_id"))
    .order_by(PROFILES.c.updated_at.desc(), PROFILES.c.conversation_id.desc())
    .limit(bindparam("limit"))
)
_IN_ORDER = PROFILE.select().order_by(PROFILES.c.updated_at, PROFILES.c.conversation_id).limit(bindparam("limit"))
_AFTER = _IN_ORDER.where(PROFILES.c.updated_at > bindparam("after"))
_AFTER_CURSOR = _IN_ORDER.where(
    PROFILES.c.updated_at >= bindparam("after"),  # says what the next line implies, so that the index is used
    or_(
        PROFILES.c.updated_at > bindparam("after"),
        and_(PROFILES.c.updated_at == bindparam("after"), PROFILES.c.conversation_id > bindparam("cursor")),
    ),
)


class SqlProfiles(Profiles):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, profile: Profile) -> None:
        self._connection.execute(_PUT, PROFILE.row(profile))

    def find(self, conversation_id: str) -> Profile | None:
        return PROFILE.first(self._connection, _FIND, conversation_id=conversation_id)

    def of_customer(self, customer_id: str, *, limit: int = 50) -> Sequence[Profile]:
        return PROFILE.all(self._connection, _OF_CUSTOMER, customer_id=customer_id, limit=limit)

    def updated_after(self, after: datetime, *, cursor: str | None = None, limit: int = 100) -> Sequence[Profile]:
        if cursor is None:
            return PROFILE.all(self._connection, _AFTER, after=after, limit=limit)
        return PROFILE.all(self._connection, _AFTER_CURSOR, after=after, cursor=cursor, limit=limit)
