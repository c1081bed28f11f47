"""How fast a file of events is imported, beside the simplest thing: read with ``csv``, written by ``executemany``, unchecked.

``make bench ARGS="benchmarks/imports.py --lines 200000"``. Both write to a fresh SQLite file with the same tables and indexes.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import sqlite3
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from integrations.settings import Settings, load
from integrations.store.migration import migrate
from service.importing.run import import_file

AT_ONCE = 1_000
COLUMNS = ("event_id", "kind", "at", "order_no", "customer_id", "sku", "data")
PAGES = ("goods", "policy", "returns", "payment")
INSERT = f"INSERT INTO events ({', '.join(COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--lines", type=int, default=200_000)
    lines = parser.parse_args().lines
    figures: dict[str, Any] = {"lines": lines}
    with TemporaryDirectory() as name:
        folder = Path(name)
        files = {"csv": folder / "e.csv", "jsonl": folder / "e.jsonl", "parquet": folder / "e.parquet"}
        _write(files, lines)
        for kind, file in files.items():
            settings = _fresh(folder / kind)
            figures[kind] = _timed(lambda file=file, settings=settings: import_file(settings, "events", file), lines)  # type: ignore[misc]
        figures["resident_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
        settings = _fresh(folder / "plain")
        figures["executemany"] = _timed(lambda: _plainly(settings, files["csv"]), lines)
    figures["ratio"] = round(figures["csv"]["lines_per_s"] / figures["executemany"]["lines_per_s"], 3)
    print(json.dumps(figures))


def _timed(work: Callable[[], object], lines: int) -> dict[str, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {
        "seconds": round(wall, 2),
        "cpu_s": round(cpu, 2),
        "lines_per_s": round(lines / wall),
        "lines_per_cpu_s": round(lines / cpu),
    }


def _fresh(home: Path) -> Settings:
    settings = load({"TOURNIQUET_HOME": str(home)})
    migrate(settings.database_url)
    return settings


def _rows(lines: int) -> Iterable[tuple[str, str, str, str, str, str, str]]:
    for number in range(lines):
        at = f"2026-11-{1 + number % 28:02}T08:{number % 60:02}:00+08:00"
        data = json.dumps({"page": PAGES[number % 4]})
        yield f"E{number}", "behaviour.viewed", at, f"O{number // 10}", f"C{number // 40}", "", data


def _write(files: dict[str, Path], lines: int) -> None:
    with files["csv"].open("w", encoding="utf-8", newline="") as table, files["jsonl"].open("w") as objects:
        writer = csv.writer(table)
        writer.writerow(COLUMNS)
        for row in _rows(lines):
            writer.writerow(row)
            fact = {name: cell for name, cell in zip(COLUMNS, row, strict=True) if cell}
            objects.write(json.dumps({**fact, "data": json.loads(row[-1])}) + "\n")
    select = 'SELECT * REPLACE ("at"::TIMESTAMPTZ AS "at") FROM read_csv(?, header = true, all_varchar = true)'
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({select}) TO '{files['parquet']}' (FORMAT parquet)", [str(files["csv"])])


def _plainly(settings: Settings, file: Path) -> None:
    database = settings.database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(database)) as connection, file.open(encoding="utf-8", newline="") as table:
        reader = csv.reader(table)
        next(reader)
        rows = ([cell or None for cell in row] for row in reader)
        while part := list(islice(rows, AT_ONCE)):
            connection.executemany(INSERT, part)
            connection.commit()


if __name__ == "__main__":
    main()
