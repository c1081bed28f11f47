"""Replies that are kept ready."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, delete, or_, update
from sqlalchemy.exc import IntegrityError

from integrations.store.rows import Shape
from integrations.store.statements import insert_new
from integrations.store.tables import CANNED_REPLIES
from retention.canned import CannedReply
from retention.console_ports import CannedReplies
from retention.errors import NotFoundError

CANNED = Shape(CannedReply, CANNED_REPLIES)

_C = CANNED_REPLIES.c
_FIND = CANNED.select().where(_C.canned_id == bindparam("canned_id"))
_USABLE = CANNED.select().where(or_(_C.owner.is_(None), _C.owner == bindparam("name")))
_ADD = insert_new(CANNED_REPLIES)
_UPDATE = (
    update(CANNED_REPLIES)
    .where(_C.canned_id == bindparam("changed"))
    .values({name: bindparam(name) for name in CANNED.names if name != "canned_id"})
)
_REMOVE = delete(CANNED_REPLIES).where(_C.canned_id == bindparam("canned_id"))


class SqlCannedReplies(CannedReplies):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, canned_id: str) -> CannedReply | None:
        return CANNED.first(self._connection, _FIND, canned_id=canned_id)

    def usable_by(self, name: str) -> Sequence[CannedReply]:
        found = CANNED.all(self._connection, _USABLE, name=name)
        return tuple(sorted(found, key=lambda one: (one.shortcut, one.owner is None)))

    def add(self, reply: CannedReply) -> bool:
        return self._connection.execute(_ADD, CANNED.row(reply)).rowcount == 1

    def update(self, reply: CannedReply) -> bool:
        row = CANNED.row(reply)
        try:
            with self._connection.begin_nested():  # PostgreSQL aborts the whole transaction otherwise
                touched = self._connection.execute(_UPDATE, row | {"changed": row.pop("canned_id")}).rowcount
        except IntegrityError:
            return False
        if touched != 1:
            raise NotFoundError("canned_reply", reply.canned_id)
        return True

    def remove(self, canned_id: str) -> bool:
        return self._connection.execute(_REMOVE, {"canned_id": canned_id}).rowcount == 1
