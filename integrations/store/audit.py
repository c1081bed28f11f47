"""The audit log."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, insert

from integrations.store.rows import Shape
from integrations.store.tables import AUDIT
from retention.audit import AuditEntry
from retention.ports import Audit

ENTRY = Shape(AuditEntry, AUDIT)

_ADD = insert(AUDIT)
_ABOUT = ENTRY.select().where(AUDIT.c.subject == bindparam("subject")).order_by(AUDIT.c.seq).limit(bindparam("limit"))


class SqlAudit(Audit):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, entry: AuditEntry) -> None:
        row = ENTRY.row(entry)
        del row["seq"]
        self._connection.execute(_ADD, row)

    def about(self, subject: str, *, limit: int = 200) -> Sequence[AuditEntry]:
        return ENTRY.all(self._connection, _ABOUT, subject=subject, limit=limit)
