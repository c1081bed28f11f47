"""An import that is cut off anywhere, by a kill or by the operator, and started again ends as if nothing had happened."""

from __future__ import annotations

import fcntl
import gzip
import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from integrations.settings import Settings, load
from service.importing.row import ImportFileError
from service.importing.run import AT_ONCE, import_file
from tests.unit import import_program
from tests.unit.test_importing import TYPED_ORDER, _parquet

LINES = 4 * AT_ONCE + 10
WRONG_EVERY = 7


def _line(number: int) -> dict[str, Any]:
    kind = "not a kind" if number % WRONG_EVERY == 0 else "service.complained"
    return {"event_id": f"E{number}", "kind": kind, "at": "2026-11-01T08:00:00Z", "order_no": f"O{number}"}


def _csv_line(number: int) -> str:
    line = _line(number)
    return f'{line["event_id"]},{line["kind"]},{line["at"]},{line["order_no"]},"{{""a"":\n{number}}}"\n'


GOOD = {f"E{number}" for number in range(LINES) if number % WRONG_EVERY}
BAD = [f"E{number}" for number in range(0, LINES, WRONG_EVERY)]
TEXTS = {
    "events.jsonl": "".join(json.dumps(_line(number)) + "\n\n" for number in range(LINES)),
    "events.csv": "event_id,kind,at,order_no,data\n" + "".join(map(_csv_line, range(LINES))),
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load({"TOURNIQUET_HOME": str(tmp_path / "home")})


def _file(folder: Path, name: str) -> Path:
    file = folder / name
    data = TEXTS[name.removesuffix(".gz")].encode()
    file.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return file


def _run(settings: Settings, what: str, file: Path, moment: str) -> int:
    """Its exit status, negative for the signal that ended it."""
    environment = {**os.environ, "TOURNIQUET_HOME": str(settings.home), "PYTHONPATH": os.getcwd()}
    command = [sys.executable, import_program.__file__, what, str(file), moment]
    return subprocess.run(command, env=environment, stderr=subprocess.DEVNULL, check=False).returncode


def _ids(settings: Settings, table: str = "events", key: str = "event_id") -> list[str]:
    with closing(sqlite3.connect(settings.home / "tourniquet.db")) as connection:
        return [row[0] for row in connection.execute(f"SELECT {key} FROM {table}")]


def _set_aside(file: Path) -> list[str]:
    lines = file.with_name(f"{file.name}.rejects.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["row"]["event_id"] for line in lines]


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("events.jsonl", "noted:1"),
        ("events.csv", "written:1"),
        ("events.csv", "written:3"),
        ("events.csv.gz", "set_aside:4"),
        ("events.jsonl", "noted:4"),
    ],
)
def test_a_killed_import_goes_on_and_nothing_is_lost_or_doubled(
    tmp_path: Path, settings: Settings, name: str, moment: str
) -> None:
    file = _file(tmp_path, name)
    assert _run(settings, "events", file, moment) == -signal.SIGKILL
    cut_off = len(_ids(settings)) if moment != "noted:1" else 0
    assert cut_off < len(GOOD)
    done = import_file(settings, "events", file)
    ids = _ids(settings)
    assert (len(ids), set(ids)) == (len(GOOD), GOOD)
    assert _set_aside(file) == BAD
    assert (done.standing.read, done.standing.written, done.standing.rejected) == (LINES, len(GOOD), len(BAD))
    if moment in ("set_aside:4", "noted:4", "written:3"):
        assert done.standing.resumed_at > AT_ONCE  # it did not begin anew
    assert [path.name for path in (settings.home / "imports").iterdir()] == []


def test_it_may_be_killed_again_and_again(tmp_path: Path, settings: Settings) -> None:
    file = _file(tmp_path, "events.csv")
    for moment in ("noted:2", "written:1", "set_aside:2"):
        assert _run(settings, "events", file, moment) == -signal.SIGKILL
    assert _run(settings, "events", file, "never") == 0
    assert sorted(_ids(settings)) == sorted(GOOD)
    assert _set_aside(file) == BAD


def test_an_interrupted_import_leaves_what_was_written_and_goes_on(tmp_path: Path, settings: Settings) -> None:
    file = _file(tmp_path, "events.jsonl")
    assert _run(settings, "events", file, "interrupted:3") == -signal.SIGINT
    assert len(_ids(settings)) >= AT_ONCE // 2
    assert import_file(settings, "events", file).standing.written == len(GOOD)
    assert _set_aside(file) == BAD


def test_a_typed_table_goes_on_at_its_row(tmp_path: Path, settings: Settings) -> None:
    file = _parquet(tmp_path / "orders.parquet", TYPED_ORDER)
    assert _run(settings, "orders", file, "noted:2") == -signal.SIGKILL
    done = import_file(settings, "orders", file)
    assert (done.standing.resumed_at, done.standing.written) == (AT_ONCE, 2500)
    assert len(set(_ids(settings, "orders", "order_no"))) == 2500


def test_another_database_begins_anew(tmp_path: Path, settings: Settings) -> None:
    """Also one at the same address: lost, or restored from before."""
    file = _file(tmp_path, "events.jsonl")
    assert _run(settings, "events", file, "noted:3") == -signal.SIGKILL
    for part in settings.home.glob("tourniquet.db*"):
        part.unlink()
    done = import_file(settings, "events", file)
    assert done.standing.resumed_at == 0
    assert sorted(_ids(settings)) == sorted(GOOD)
    assert _set_aside(file) == BAD


def test_another_content_begins_anew(tmp_path: Path, settings: Settings) -> None:
    file = _file(tmp_path, "events.jsonl")
    assert _run(settings, "events", file, "noted:3") == -signal.SIGKILL
    file.write_text(file.read_text() + json.dumps(_line(LINES + 2)), encoding="utf-8")
    done = import_file(settings, "events", file)
    assert (done.standing.resumed_at, done.standing.written) == (0, len(GOOD) + 1)


def test_two_at_once_are_refused(tmp_path: Path, settings: Settings) -> None:
    file = _file(tmp_path, "events.jsonl")
    assert _run(settings, "events", file, "noted:2") == -signal.SIGKILL
    [lock] = (settings.home / "imports").glob("*.lock")
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(ImportFileError, match="另一个进程"):
            import_file(settings, "events", file)
