"""Server-to-server callers: their keys, and the answers they already got."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from integrations.store.statements import insert_new, insert_or_replace
from integrations.store.tables import API_KEYS, IDEMPOTENCY
from retention.ports import ApiKeys, Idempotency

_ANSWER = select(IDEMPOTENCY.c.fingerprint, IDEMPOTENCY.c.status, IDEMPOTENCY.c.body).where(
    IDEMPOTENCY.c.owner == bindparam("owner"), IDEMPOTENCY.c.key == bindparam("key")
)
_ADD_ANSWER = insert_new(IDEMPOTENCY)
_KEY = select(API_KEYS.c.name, API_KEYS.c.scopes).where(API_KEYS.c.digest == bindparam("digest"))
_PUT_KEY = insert_or_replace(API_KEYS)


class SqlIdempotency(Idempotency):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, owner: str, key: str) -> tuple[str, int, str] | None:
        row = self._connection.execute(_ANSWER, {"owner": owner, "key": key}).first()
        return None if row is None else (row.fingerprint, row.status, row.body)

    def add(self, owner: str, key: str, *, fingerprint: str, status: int, body: str, at: datetime) -> bool:
        row = {"owner": owner, "key": key, "fingerprint": fingerprint, "status": status, "body": body, "at": at}
        return self._connection.execute(_ADD_ANSWER, row).rowcount == 1


class SqlApiKeys(ApiKeys):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, digest: str) -> tuple[str, frozenset[str]] | None:
        row = self._connection.execute(_KEY, {"digest": digest}).first()
        return None if row is None else (row.name, frozenset(row.scopes))

    def put(self, digest: str, name: str, scopes: frozenset[str]) -> None:
        self._connection.execute(_PUT_KEY, {"digest": digest, "name": name, "scopes": sorted(scopes)})
