"""A changed catalog is live without a restart; a wrong one is refused, and the last right one stays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from compensation import guard
from compensation.catalog import Catalog
from compensation.deciding import Deciding
from compensation.engine import Engine, catalog_of
from integrations.live_catalog import LiveCatalog
from integrations.memory.store import MemoryStore
from retention.audit import AuditEntry
from retention.hearing import Reason
from retention.offer import Budget, Offer
from tests.unit.compensation_cases import CATALOG, NOW, SURE_LOSS, case, order

SHIPPED = CATALOG.read_text(encoding="utf-8")
DEARER = SHIPPED.replace("cash_yuan: 5", "cash_yuan: 6").replace("per_order_yuan: 5,", "per_order_yuan: 6,")
RICHER = SHIPPED.replace("id: logistics, cap_yuan: 20000", "id: logistics, cap_yuan: 30000")
GUARD = guard.load(CATALOG.parent / "guard.yml")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    copied = tmp_path / "catalog.yml"
    copied.write_text(SHIPPED, encoding="utf-8")
    return copied


def deciding(read: Catalog, challenger: Catalog | None) -> Deciding:
    return Deciding(
        Engine(read),
        guard=lambda: GUARD,
        experiment=read.experiment,
        challenger=Engine(challenger) if challenger else None,
    )


def opened(file: Path, store: MemoryStore) -> LiveCatalog:
    return LiveCatalog(file, catalog_of(file), make=deciding, store=store, clock=lambda: NOW)


def offered(live: LiveCatalog) -> Offer:
    answer, _ = live.decide(case(order(), Reason.LOGISTICS), SURE_LOSS)
    assert isinstance(answer, Offer)
    return answer


def entries(store: MemoryStore, live: LiveCatalog) -> list[AuditEntry]:
    with store.transaction() as records:
        return list(records.audit.about(f"catalog:{live.version}"))


def budget(store: MemoryStore) -> Budget | None:
    with store.transaction() as records:
        return records.ledger.budget("logistics")


def test_a_saved_change_decides_the_next_case(file: Path) -> None:
    live = opened(file, MemoryStore())
    assert offered(live).terms["cash_fen"] == 500
    file.write_text(DEARER, encoding="utf-8")
    assert live.refresh()
    assert offered(live).terms["cash_fen"] == 600
    assert offered(live).catalog_version == live.version


def test_budgets_follow_and_keep_what_is_promised(file: Path) -> None:
    store = MemoryStore()
    live = opened(file, store)
    before = budget(store)
    assert before is not None
    file.write_text(RICHER, encoding="utf-8")
    live.refresh()
    assert budget(store) == replace(before, cap_fen=3_000_000)


def test_a_change_of_the_catalog_on_trial_alone_is_taken_and_told(file: Path) -> None:
    beside = file.with_name("spring.yml")
    beside.write_text(SHIPPED, encoding="utf-8")
    named = "experiment:\n  challenger: {name: spring, file: spring.yml, share: 0.5}\n"
    trial = SHIPPED.replace("experiment:\n", named)
    file.write_text(trial, encoding="utf-8")
    store = MemoryStore()
    live = opened(file, store)
    live.refresh()
    beside.write_text(RICHER, encoding="utf-8")
    assert live.refresh()
    assert not live.refresh()
    with store.transaction() as records:
        (entry,) = records.audit.about(f"challenger:{live.deciding.versions[1]}")
    assert entry.why == "预算 logistics：20000 元 → 30000 元"
    beside.write_text("rows: [", encoding="utf-8")
    assert not live.refresh()
    assert live.problem is not None
    assert "spring.yml" in live.problem
