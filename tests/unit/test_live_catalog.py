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
from retention.errors import StoreBusyError
from retention.hearing import Reason
from retention.offer import Budget, Offer
from tests.unit.compensation_cases import CATALOG, NOW, SURE_LOSS, case, order

SHIPPED = CATALOG.read_text(encoding="utf-8")
DEARER = SHIPPED.replace("cash_yuan: 5", "cash_yuan: 6").replace("per_order_yuan: 5,", "per_order_yuan: 6,")
RICHER = SHIPPED.replace("id: logistics, cap_yuan: 20000", "id: logistics, cap_yuan: 30000")
GUARD = guard.load(CATALOG.parent / "guard.yml")
WRONG = SHIPPED.replace("order_margin_share: 0.5", "order_margin_share: 5")


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


def test_an_unchanged_file_is_not_taken_again(file: Path) -> None:
    store = MemoryStore()
    live = opened(file, store)
    assert not live.refresh()
    assert not live.refresh()
    assert [entry.why for entry in entries(store, live)] == ["启动时读入"]


def test_budgets_follow_and_keep_what_is_promised(file: Path) -> None:
    store = MemoryStore()
    live = opened(file, store)
    before = budget(store)
    assert before is not None
    file.write_text(RICHER, encoding="utf-8")
    live.refresh()
    assert budget(store) == replace(before, cap_fen=3_000_000)


def test_a_wrong_file_is_refused_with_its_place_and_the_last_right_one_stays(file: Path) -> None:
    live = opened(file, MemoryStore())
    version = live.version
    file.write_text(WRONG, encoding="utf-8")
    assert not live.refresh()
    assert live.problem is not None
    assert "catalog.yml：caps.order_margin_share 现为 5，应为0 到 1 的数" in live.problem
    assert f"仍按 {version} 执行" in live.problem
    assert offered(live).catalog_version == version
    file.write_text(DEARER, encoding="utf-8")
    assert live.refresh()
    assert live.problem is None


def test_taking_the_change_back_ends_the_problem(file: Path) -> None:
    live = opened(file, MemoryStore())
    file.write_text(WRONG, encoding="utf-8")
    live.refresh()
    file.write_text(SHIPPED, encoding="utf-8")
    assert not live.refresh()
    assert live.problem is None


def test_a_file_that_is_gone_is_a_problem_until_it_is_back(file: Path) -> None:
    live = opened(file, MemoryStore())
    file.unlink()
    assert not live.refresh()
    assert live.problem is not None
    assert "catalog.yml 打不开" in live.problem
    file.write_text(SHIPPED, encoding="utf-8")
    live.refresh()
    assert live.problem is None


def test_the_log_says_what_changed_and_from_which_version(file: Path) -> None:
    store = MemoryStore()
    live = opened(file, store)
    first = live.version
    file.write_text(RICHER, encoding="utf-8")
    live.refresh()
    (entry,) = entries(store, live)
    assert (entry.actor, entry.act) == ("system", "catalog_loaded")
    assert entry.versions == {"catalog": live.version, "before": first}
    assert entry.why == "预算 logistics：20000 元 → 30000 元"


def test_a_second_process_logs_nothing_twice_and_going_back_is_logged_again(file: Path) -> None:
    store = MemoryStore()
    one, other = opened(file, store), opened(file, store)
    for text in (RICHER, SHIPPED):
        file.write_text(text, encoding="utf-8")
        assert (one.refresh(), other.refresh()) == (True, True)
    assert [entry.why for entry in entries(store, one)] == ["启动时读入", "预算 logistics：30000 元 → 20000 元"]


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


def test_a_locked_store_is_tried_again(file: Path) -> None:
    store = MemoryStore(busy_seconds=0.01)
    live = opened(file, store)
    file.write_text(RICHER, encoding="utf-8")
    with store.transaction(), pytest.raises(StoreBusyError):
        live.refresh()
    assert live.refresh()
