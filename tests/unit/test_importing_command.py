"""What the operator sees of an import."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from retention.errors import StoreBusyError
from service import importing_command
from service.cli import commands
from tests.unit.test_importing import ORDER


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOURNIQUET_HOME", str(tmp_path / "home"))


def _import(file: Path, *options: str) -> Result:
    return CliRunner().invoke(commands, ["import", "orders", str(file), *options])


def _file(folder: Path, *orders: object) -> Path:
    file = folder / "orders.jsonl"
    file.write_text("\n".join(map(json.dumps, orders)), encoding="utf-8")
    return file


def test_all_well_is_status_zero(tmp_path: Path) -> None:
    done = _import(_file(tmp_path, ORDER))
    assert (done.exit_code, done.stdout) == (0, "orders.jsonl（JSONL，UTF-8 编码）：读到 1 行，写入 1 行。\n")


def test_rejects_are_shown_and_the_status_says_so(tmp_path: Path) -> None:
    wrong = [{**ORDER, "order_no": f"I-{number}", "stage": "gone"} for number in range(30)]
    done = _import(_file(tmp_path, ORDER, *wrong))
    assert done.exit_code == importing_command.REJECTED
    assert "第 2 行 stage：只能是" in done.stdout
    assert "共 30 行不合格" in done.stdout
    assert f"tourniquet import orders {tmp_path / 'orders.jsonl.rejects.jsonl'}" in done.stdout


def test_only_checking_says_that_nothing_was_written(tmp_path: Path) -> None:
    done = _import(_file(tmp_path, ORDER, {}), "--check")
    assert done.exit_code == importing_command.REJECTED
    assert "合格 1 行，什么都没有写" in done.stdout
    assert not list(tmp_path.glob("*.rejects*"))


@pytest.mark.parametrize(
    ("problem", "status", "words"), [(KeyboardInterrupt(), 130, "已中断"), (StoreBusyError(), 1, "数据库正忙")]
)
def test_an_import_that_stops_says_that_it_can_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, problem: BaseException, status: int, words: str
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise problem

    monkeypatch.setattr(importing_command, "import_file", stopped)
    done = _import(_file(tmp_path, ORDER))
    assert done.exit_code == status
    assert words in done.stderr
    assert "接着导入" in done.stderr
