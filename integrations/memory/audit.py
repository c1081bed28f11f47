"""The audit log, and what is known of server-to-server callers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from integrations.memory.rows import Rows, Undo
from retention.audit import AuditEntry
from retention.ports import ApiKeys, Audit, Idempotency


class MemoryAudit(Audit):
    def __init__(self, undo: Undo) -> None:
        self.rows: Rows[int, AuditEntry] = Rows(undo)

    def add(self, entry: AuditEntry) -> None:
        seq = len(self.rows) + 1
        self.rows[seq] = replace(entry, seq=seq)

    def about(self, subject: str, *, limit: int = 200) -> Sequence[AuditEntry]:
        return tuple(entry for entry in self.rows.values() if entry.subject == subject)[:limit]


class MemoryIdempotency(Idempotency):
    def __init__(self, undo: Undo) -> None:
        self.rows: Rows[tuple[str, str], tuple[str, int, str]] = Rows(undo)

    def find(self, owner: str, key: str) -> tuple[str, int, str] | None:
        return self.rows.get((owner, key))

    def add(self, owner: str, key: str, *, fingerprint: str, status: int, body: str, at: datetime) -> bool:
        if (owner, key) in self.rows:
            return False
        self.rows[owner, key] = (fingerprint, status, body)
        return True


class MemoryApiKeys(ApiKeys):
    def __init__(self, undo: Undo) -> None:
        self.rows: Rows[str, tuple[str, frozenset[str]]] = Rows(undo)

    def find(self, digest: str) -> tuple[str, frozenset[str]] | None:
        return self.rows.get(digest)

    def put(self, digest: str, name: str, scopes: frozenset[str]) -> None:
        self.rows[digest] = (name, scopes)
