"""Who of the associates is at the desk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam

from integrations.store.rows import Shape
from integrations.store.statements import insert_or_replace
from integrations.store.tables import PRESENCES
from retention.ports import Presences
from retention.presence import Presence

PRESENCE = Shape(Presence, PRESENCES)

_PRESENCE = PRESENCE.select().where(PRESENCES.c.associate == bindparam("associate"))
_LOCK = _PRESENCE.with_for_update()
_PUT_PRESENCE = insert_or_replace(PRESENCES)
_SEEN_SINCE = PRESENCE.select().where(PRESENCES.c.seen_at >= bindparam("since")).order_by(PRESENCES.c.associate)


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
