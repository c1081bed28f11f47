"""Associates and who of them is at the desk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam

from integrations.store.rows import Shape
from integrations.store.statements import insert_or_replace
from integrations.store.tables import ASSOCIATES, PRESENCES
from retention.associate import Associate
from retention.ports import Associates, Presences
from retention.presence import Presence

ASSOCIATE = Shape(Associate, ASSOCIATES)
PRESENCE = Shape(Presence, PRESENCES)

_ASSOCIATE = ASSOCIATE.select().where(ASSOCIATES.c.name == bindparam("name"))
_PUT_ASSOCIATE = insert_or_replace(ASSOCIATES)
_PRESENCE = PRESENCE.select().where(PRESENCES.c.associate == bindparam("associate"))
_LOCK = _PRESENCE.with_for_update()
_PUT_PRESENCE = insert_or_replace(PRESENCES)
_SEEN_SINCE = PRESENCE.select().where(PRESENCES.c.seen_at >= bindparam("since")).order_by(PRESENCES.c.associate)


class SqlAssociates(Associates):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, name: str) -> Associate | None:
        return ASSOCIATE.first(self._connection, _ASSOCIATE, name=name)

    def put(self, associate: Associate, *, password_hash: str, created_at: datetime) -> None:
        row = {**ASSOCIATE.row(associate), "password_hash": password_hash, "created_at": created_at}
        self._connection.execute(_PUT_ASSOCIATE, row)


class SqlPresences(Presences):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, associate: str) -> Presence | None:
        return PRESENCE.first(self._connection, _PRESENCE, associate=associate)

    def lock(self, associate: str) -> Presence | None:
        return PRESENCE.first(self._connection, _LOCK, associate=associate)

    def put(self, presence: Presence) -> None:
        self._connection.execute(_PUT_PRESENCE, PRESENCE.row(presence))

    def seen_since(self, since: datetime) -> Sequence[Presence]:
        return PRESENCE.all(self._connection, _SEEN_SINCE, since=since)
