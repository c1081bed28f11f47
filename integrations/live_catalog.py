"""The shop's catalog as its file last was right, with the catalog on trial beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from compensation.catalog import Catalog, read_catalog
from compensation.deciding import Deciding
from compensation.difference import differences
from compensation.engine import catalog_of
from compensation.reading import CatalogError
from integrations.live_file import LiveFile, tell_loaded
from retention.case import Allowance, Case
from retention.exposure import Decided
from retention.offer import Offer
from retention.ports import Clock, Records, Store
from retention.risk import Score

MakeDeciding = Callable[[Catalog, "Catalog | None"], Deciding]
"""From the shop's own catalog and the challenger, if it names one."""


class LiveCatalog(LiveFile):
    """The engine of the last right catalog. What is decided goes through here, so that every decision sees one catalog."""

    title = "方案目录"
    complaint = CatalogError

    def __init__(self, file: Path, catalog: Catalog, *, make: MakeDeciding, store: Store, clock: Clock) -> None:
        """Raises CatalogError for the challenger, and StoreBusyError."""
        super().__init__(file)
        self._make = make
        self._store = store
        self._clock = clock
        self._catalog, self._challenger = catalog, challenger_of(catalog, file.parent)
        self.deciding = make(catalog, self._challenger)
        with store.transaction() as records:
            self._put_budgets(records, self.deciding)
            self._tell("catalog", records, None, catalog)

    def _beside(self) -> Sequence[Path]:
        named = self._catalog.experiment.challenger
        return [self._file.parent / named.file] if named else []

    def _use(self, content: bytes) -> bool:
        catalog = read_catalog(content, file=self._file.name)
        challenger = challenger_of(catalog, self._file.parent)
        deciding = self._make(catalog, challenger)
        if deciding.versions == self.deciding.versions:
            return False
        # Budgets first: what the new rows draw on must be there before the first of them is proposed.
        with self._store.transaction() as records:
            self._put_budgets(records, deciding)
            if catalog.version != self._catalog.version:
                self._tell("catalog", records, self._catalog, catalog)
            if challenger is not None and challenger.version != _version(self._challenger):
                self._tell("challenger", records, self._challenger, challenger)
        self._catalog, self._challenger, self.deciding = catalog, challenger, deciding
        return True

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

    def _put_budgets(self, records: Records, deciding: Deciding) -> None:
        for budget_id, cap_fen in deciding.budgets.items():
            records.ledger.set_budget(budget_id, cap_fen)

    def _tell(self, kind: str, records: Records, old: Catalog | None, new: Catalog) -> None:
        changes = differences(old, new) if old else ()
        tell_loaded(records, kind, old=_version(old), new=new.version, changes=changes, clock=self._clock)


def challenger_of(catalog: Catalog, folder: Path) -> Catalog | None:
    """Its file lies beside the catalog's. Raises CatalogError when it cannot be read."""
    named = catalog.experiment.challenger
    return catalog_of(folder / named.file) if named else None


def _version(catalog: Catalog | None) -> str | None:
    return catalog.version if catalog else None
