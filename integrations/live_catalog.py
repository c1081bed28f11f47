"""The shop's catalog as its file last was right: read again when the file changes, and kept when the change is wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

from compensation.catalog import Catalog, read_catalog
from compensation.deciding import Deciding
from compensation.difference import differences
from compensation.reading import CatalogError
from retention.audit import AuditEntry
from retention.case import Allowance, Case
from retention.exposure import Decided
from retention.offer import Offer
from retention.ports import Clock, Records, Store
from retention.risk import Score


class LiveCatalog:
    """The engine of the last right catalog. What is decided goes through here, so that every decision sees one catalog.

    ``problem`` says in Chinese why the file as it is now is not used, or is None.
    """

    def __init__(
        self, file: Path, catalog: Catalog, *, make: Callable[[Catalog], Deciding], store: Store, clock: Clock
    ) -> None:
        self._file = file
        self._make = make
        self._store = store
        self._clock = clock
        self._lock = Lock()
        self._seen: str | None = None  # the digest of the content last looked at
        self._catalog = catalog
        self.deciding = make(catalog)
        self.problem: str | None = None
        with store.transaction() as records:
            self._put(records, None, catalog, self.deciding)

    def refresh(self) -> bool:
        """Read the file, and take its catalog when it is another one and right; whether it was taken.

        Raises StoreBusyError; then the next call tries again.
        """
        with self._lock:
            try:
                content = self._file.read_bytes()
            except OSError as error:
                self._seen, self.problem = None, self._refusal(f"{self._file.name} 打不开（{error.strerror}）")
                return False
            digest = hashlib.sha256(content).hexdigest()
            if digest == self._seen:
                return False
            taken = self._take(content)
            self._seen = digest
            return taken

    def _take(self, content: bytes) -> bool:
        try:
            catalog = read_catalog(content, file=self._file.name)
            deciding = self._make(catalog)
        except CatalogError as error:
            self.problem = self._refusal(str(error))
            return False
        taken = deciding.versions != self.deciding.versions
        if taken:
            # Budgets first: what the new rows draw on must be there before the first of them is proposed.
            with self._store.transaction() as records:
                self._put(records, self._catalog, catalog, deciding)
            self._catalog, self.deciding = catalog, deciding
        self.problem = None
        return taken

    def _refusal(self, why: str) -> str:
        return f"方案目录有误，没有启用，仍按 {self.version} 执行：{why}。改正并保存后几秒内生效"

    @property
    def version(self) -> str:
        return self.deciding.engine.version

    def decide(self, case: Case, score: Score) -> Decided:
        return self.deciding.decide(case, score)

    def after_save(self, case: Case) -> tuple[Offer, ...]:
        return self.deciding.after_save(case)

    def allowance(self, case: Case) -> Allowance:
        return self.deciding.engine.allowance(case)

    def cap_window(self) -> timedelta:
        return self.deciding.cap_window

    def spent_since(self, now: datetime) -> frozenset[datetime]:
        return self.deciding.spent_since(now)

    def _put(self, records: Records, old: Catalog | None, new: Catalog, deciding: Deciding) -> None:
        for budget_id, cap_fen in deciding.budgets.items():
            records.ledger.set_budget(budget_id, cap_fen)
        if not _is_told(records, old, new):
            records.audit.add(_entry(old, new, at=self._clock()))


def _is_told(records: Records, old: Catalog | None, new: Catalog) -> bool:
    """Another process, or the last start, may have loaded it first."""
    loads = records.audit.about(_subject(new))
    if not loads or old is None:
        return bool(loads)
    before = records.audit.about(_subject(old))
    return bool(before) and before[-1].seq < loads[-1].seq


def _subject(catalog: Catalog) -> str:
    return f"catalog:{catalog.version}"


def _entry(old: Catalog | None, new: Catalog, *, at: datetime) -> AuditEntry:
    changes = differences(old, new) if old else ()
    return AuditEntry(
        at=at,
        actor="system",
        act="catalog_loaded",
        subject=_subject(new),
        why="；".join(changes) or ("启动时读入" if old is None else "只改了注释或版本号"),
        versions={"catalog": new.version} if old is None else {"catalog": new.version, "before": old.version},
    )
