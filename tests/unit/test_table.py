"""Any table as numbers and categories, and reading one for the benchmark. The models themselves need torch, which tests lack."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest

from benchmarks.risk_table import difference, ece, halves, read
from risk.table import Table, both, is_code, sheet


def _file(folder: Path, rows: str) -> Path:
    file = folder / "rows.parquet"
    duckdb.sql(f"copy ({rows}) to '{file}' (format parquet)")
    return file


def test_text_and_sparse_numbers_that_name_things_are_categories_and_quantities_are_not() -> None:
    names = np.append(np.arange(200) * 3.0, np.nan)
    assert is_code(np.array(["a", None], dtype=object))
    assert is_code(names)
    assert not is_code(names[:-1])
    assert not is_code(np.append(np.arange(200) * 0.5, np.nan))
    assert not is_code(np.append(np.arange(50.0), np.nan))
    assert not is_code(np.array([True, False]))


def test_a_category_the_train_part_never_had_is_unknown_and_others_keep_their_code() -> None:
    words = np.array(["a", "b", None, "b", "c"], dtype=object)
    found = sheet(
        Table(columns={"word": words, "size": np.arange(5)}, lost=np.zeros(5), days=None),
        np.array([True, True, True, False, False]),
    )
    assert list(found.categories) == [0]
    assert found.values[:4, 0].tolist() == [1, 2, 0, 2]
    assert np.isnan(found.values[4, 0])


def test_tables_of_other_columns_are_refused_by_name() -> None:
    one = Table(columns={"a": np.zeros(1)}, lost=np.zeros(1), days=None)
    with pytest.raises(ValueError, match="one of the two tables only: a, b"):
        both(one, Table(columns={"b": np.zeros(1)}, lost=np.zeros(1), days=None))
    with pytest.raises(ValueError, match="has a time"):
        both(one, Table(columns={"a": np.zeros(1)}, lost=np.zeros(1), days=np.zeros(1)))


def test_a_file_is_read_with_its_blanks_and_times_and_without_the_index_of_pandas(tmp_path: Path) -> None:
    file = _file(
        tmp_path,
        "select * from (values ('a', 1, null, timestamp '2026-01-02', 0, 9), (null, 2, 3, timestamp '2026-01-03', 1, 8))"
        " t(word, size, code, moment, lost, __index_level_0__)",
    )
    found = read(file, "lost", "moment")
    assert list(found.columns) == ["word", "size", "code"]
    assert found.columns["word"].tolist() == ["a", None]
    assert np.isnan(found.columns["code"][0])
    assert found.days is not None
    assert np.diff(found.days).tolist() == [1.0]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("select 1 as a, 0 as other, 1 as moment", "has no column lost"),
        ("select 1 as a, null::int as lost, date '2026-01-01' as moment", "lost is blank"),
        ("select 1 as a, 2 as lost, date '2026-01-01' as moment", "must be 0 and 1"),
        ("select 1 as a, 1 as lost, date '2026-01-01' as moment", "must be 0 and 1 and have both"),
        ("select * from (values (1, 'x'), (0, 'y')) t(lost, moment)", "moment is not a time"),
    ],
)
def test_a_file_that_cannot_be_judged_is_refused_by_name(tmp_path: Path, rows: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read(_file(tmp_path, rows), "lost", "moment")


def test_a_table_with_a_time_is_split_by_it_and_another_by_chance() -> None:
    lost = np.tile([0.0, 1.0], 50)
    timed = Table(columns={"a": np.arange(100)}, lost=lost, days=np.arange(100.0)[::-1].copy())
    train, test = halves(timed, 0.8, 0)
    assert train.days is not None
    assert test.days is not None
    assert train.days.max() < test.days.min()
    train, test = halves(Table(columns={"a": np.arange(100)}, lost=lost, days=None), 0.8, 0)
    assert sorted([*train.columns["a"], *test.columns["a"]]) == list(range(100))


def test_calibration_error_and_the_interval_of_a_difference() -> None:
    dice = np.random.default_rng(0)
    truth = dice.random(1000)
    lost = (dice.random(1000) < truth).astype(float)
    assert ece(lost, truth) < 0.05
    assert ece(lost, np.clip(truth + 0.2, 0, 1)) > 0.1
    better = difference(lost, truth, np.clip(truth + dice.normal(0, 0.3, 1000), 0, 1))
    assert better["auc"][0] > 0
    assert better["brier"][1] < 0
