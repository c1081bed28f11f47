"""The ledger from the command line, on the shop's own database; the service may be running."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone

from integrations.settings import Settings
from integrations.wiring import connect_remedies
from retention.auditing import ACTOR, Auditor, Report
from retention.bookkeeping import Difference
from retention.granting import reverse
from retention.offer import Grant
from retention.ports import Store
from service.opened_store import opened_store


@dataclass(frozen=True, kw_only=True)
class Repair:
    difference: Difference
    mended: bool


def audited(settings: Settings) -> Report:
    with opened_store(settings) as store, _auditor(settings, store) as auditor:
        return auditor.audit()


def repaired(settings: Settings, *, dry_run: bool) -> Sequence[Repair]:
    with opened_store(settings) as store, _auditor(settings, store) as auditor:
        found = auditor.audit().differences
        return [Repair(difference=one, mended=not dry_run and auditor.repair(one)) for one in found]


def reversed_grant(settings: Settings, grant_id: str, *, why: str) -> tuple[Grant, bool]:
    """Raises NotFoundError, IllegalMoveError."""
    with opened_store(settings) as store, store.transaction() as records:
        return reverse(records, grant_id, at=_now(), actor=ACTOR, why=why)


@contextmanager
def _auditor(settings: Settings, store: Store) -> Iterator[Auditor]:
    remedies = connect_remedies(settings, store, _now)
    try:
        yield Auditor(store=store, remedies=remedies, clock=_now)
    finally:
        remedies.close()


def _now() -> datetime:
    return datetime.now(timezone.utc)
