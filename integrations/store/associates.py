"""Accounts, and who is logged in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from integrations.store.rows import Shape
from integrations.store.statements import insert_new
from integrations.store.tables import ASSOCIATES, SIGN_INS
from retention.associate import Associate
from retention.console_ports import SignIns
from retention.errors import NotFoundError
from retention.ports import Associates
from retention.sign_in import SignIn

ASSOCIATE = Shape(Associate, ASSOCIATES)
SIGN_IN = Shape(SignIn, SIGN_INS)

_FIND = ASSOCIATE.select().where(ASSOCIATES.c.name == bindparam("name"))
_LISTED = ASSOCIATE.select().order_by(ASSOCIATES.c.name)
_LOCK = _LISTED.with_for_update()
_ADD = insert_new(ASSOCIATES)
_CHANGED = update(ASSOCIATES).where(ASSOCIATES.c.name == bindparam("changed"))
_UPDATE = _CHANGED.values({name: bindparam(name) for name in ASSOCIATE.names if name != "name"})
_SET_PASSWORD = _CHANGED.values(password_hash=bindparam("password_hash"))
_PASSWORD = select(ASSOCIATES.c.password_hash).where(ASSOCIATES.c.name == bindparam("name"))

_FIND_SIGN_IN = SIGN_IN.select().where(SIGN_INS.c.digest == bindparam("digest"))
_ADD_SIGN_IN = insert(SIGN_INS)
_FORGET_EXPIRED = delete(SIGN_INS).where(SIGN_INS.c.expires_at <= bindparam("now"))
_END = delete(SIGN_INS).where(SIGN_INS.c.digest == bindparam("digest"))
_END_ALL = delete(SIGN_INS).where(SIGN_INS.c.name == bindparam("name"))


class SqlAssociates(Associates):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, name: str) -> Associate | None:
        return ASSOCIATE.first(self._connection, _FIND, name=name)

    def listed(self) -> Sequence[Associate]:
        return sorted(
            ASSOCIATE.all(self._connection, _LISTED), key=lambda one: one.name
        )  # databases collate differently

    def lock(self) -> Sequence[Associate]:
        return ASSOCIATE.all(self._connection, _LOCK)

    def add(self, associate: Associate, *, password_hash: str, at: datetime) -> bool:
        row = ASSOCIATE.row(associate) | {"password_hash": password_hash, "created_at": at}
        return self._connection.execute(_ADD, row).rowcount == 1

    def update(self, associate: Associate) -> None:
        row = ASSOCIATE.row(associate)
        self._must_change(
            self._connection.execute(_UPDATE, row | {"changed": row.pop("name")}).rowcount, associate.name
        )

    def password_hash(self, name: str) -> str | None:
        found: str | None = self._connection.execute(_PASSWORD, {"name": name}).scalar()
        return found

    def set_password(self, name: str, password_hash: str) -> None:
        parameters = {"changed": name, "password_hash": password_hash}
        self._must_change(self._connection.execute(_SET_PASSWORD, parameters).rowcount, name)

    def _must_change(self, rows: int, name: str) -> None:
        if rows != 1:
            raise NotFoundError("associate", name)


class SqlSignIns(SignIns):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, digest: str) -> SignIn | None:
        return SIGN_IN.first(self._connection, _FIND_SIGN_IN, digest=digest)

    def add(self, sign_in: SignIn) -> None:
        self._connection.execute(_FORGET_EXPIRED, {"now": sign_in.created_at})
        self._connection.execute(_ADD_SIGN_IN, SIGN_IN.row(sign_in))

    def end(self, digest: str) -> bool:
        return self._connection.execute(_END, {"digest": digest}).rowcount == 1

    def end_all(self, name: str) -> int:
        return self._connection.execute(_END_ALL, {"name": name}).rowcount
