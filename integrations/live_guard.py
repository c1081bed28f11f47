"""The shop's guard as its file last was right."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from compensation.guard import Guard, read_guard
from compensation.guard_difference import differences
from compensation.reading import CatalogError
from integrations.live_file import LiveFile, tell_loaded
from retention.kin import TieKind
from retention.ports import Clock, Records, Store


class LiveGuard(LiveFile):
    """The last right rows. A decision asks once, so it sees one guard."""

    title = "防护规则"
    complaint = CatalogError

    def __init__(self, file: Path, guard: Guard, *, store: Store, clock: Clock) -> None:
        """Raises StoreBusyError."""
        super().__init__(file)
        self._store = store
        self._clock = clock
        self.guard = guard
        with store.transaction() as records:
            self._tell(records, None, guard)

    def _use(self, content: bytes) -> bool:
        guard = read_guard(content, file=self._file.name)
        if guard.version == self.guard.version:
            return False
        with self._store.transaction() as records:
            self._tell(records, self.guard, guard)
        self.guard = guard
        return True

    @property
    def version(self) -> str:
        return self.guard.version

    def now(self) -> Guard:
        return self.guard

    def window(self) -> timedelta:
        return self.guard.window

    def crowd(self) -> Mapping[TieKind, int]:
        return self.guard.crowd

    def _tell(self, records: Records, old: Guard | None, new: Guard) -> None:
        tell_loaded(
            records,
            "guard",
            old=old.version if old else None,
            new=new.version,
            changes=differences(old, new) if old else (),
            clock=self._clock,
        )
