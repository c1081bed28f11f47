"""The books from the command line: proven, mended, and a grant taken back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from integrations.store.engine import open_store
from integrations.store.migration import migrate
from retention.offer import GrantState
from retention.ports import Records
from service.cli import commands
from tests.contract.samples import GRANT, NOW


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOURNIQUET_HOME", str(tmp_path))
    migrate(_url(tmp_path))
    with _records(tmp_path) as records:
        records.ledger.set_budget("B1", 10_000)
        records.ledger.propose(GRANT)
        records.ledger.propose(replace(GRANT, grant_id="G2", key="G2"))
        records.ledger.move("G1", GrantState.ISSUED, at=NOW)
    return tmp_path


@pytest.fixture
def damaged(home: Path) -> Path:
    with closing(sqlite3.connect(home / "tourniquet.db")) as connection:
        connection.execute("UPDATE budgets SET used_fen = 1")
        connection.execute("DELETE FROM fulfilments")
        connection.commit()
    return home


def test_right_books_end_with_0_and_say_what_was_counted(home: Path) -> None:
    with _records(home) as records:
        records.fulfilments.requeue("G1:grant", at=NOW.replace(year=NOW.year + 100))
    proven = _run(["audit"])
    assert proven.exit_code == 0, proven.output
    assert "核对了 1 个预算、2 笔台账、订单系统 0 笔，0 处对不上。" in proven.output


def test_every_difference_is_named_with_what_to_do_and_the_audit_ends_with_1(damaged: Path) -> None:
    found = _run(["audit"])
    assert found.exit_code == 1
    assert "budget:B1  预算记着预留 2000 分、已用 1 分，台账合计预留 2000 分、已用 2000 分" in found.output
    assert f"grant:G1  已发放，却没有排队兑现（订单 {GRANT.order_no}）" in found.output


def test_a_dry_run_changes_nothing_and_a_repair_mends_all_it_named(damaged: Path) -> None:
    planned = _run(["repair", "--dry-run"])
    assert "共 2 处，没有改动。" in planned.output
    assert _run(["audit"]).exit_code == 1
    mended = _run(["repair"])
    assert mended.exit_code == 0, mended.output
    assert "共 2 处，修复 2 处。" in mended.output
    with _records(damaged) as records:
        budget, queued = records.ledger.budget("B1"), records.fulfilments.find("G1:grant")
        acts = [entry.act for entry in records.audit.about("budget:B1")]
    assert budget is not None
    assert (budget.reserved_fen, budget.used_fen) == (2_000, 2_000)
    assert queued is not None
    assert acts == ["ledger_repaired"]
    assert _run(["audit"]).exit_code == 0


def test_a_grant_is_taken_back_once_with_the_reason_in_the_audit_log(home: Path) -> None:
    assert "已收回「补差价」" in _run(["reverse", "G1", "--why", "发错了"]).output
    assert "之前已经收回" in _run(["reverse", "G1", "--why", "再来一次"]).output
    with _records(home) as records:
        assert [entry.why for entry in records.audit.about("grant:G1")] == ["发错了"]


@pytest.mark.parametrize(("grant_id", "words"), [("G404", "没有 G404 这笔"), ("G2", "没有发放过")])
def test_what_was_never_given_is_not_taken_back(home: Path, grant_id: str, words: str) -> None:
    refused = _run(["reverse", grant_id, "--why", "试试"])
    assert refused.exit_code == 1
    assert words in refused.output


def _run(words: Sequence[str]) -> Result:
    return CliRunner().invoke(commands, ["ledger", *words])


def _url(home: Path) -> str:
    return f"sqlite:///{home / 'tourniquet.db'}"


@contextmanager
def _records(home: Path) -> Iterator[Records]:
    with closing(open_store(_url(home))) as store, store.transaction() as records:
        yield records
