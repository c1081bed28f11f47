"""Learning from any table: what is chosen and what is never looked at.

Torch is not among the tests' packages, nor is the booster: a logistic regression stands for both models here, and the models
themselves are run by `benchmarks/risk_table.py`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import risk.train_table
from risk.table import Floats, Sheet, Table
from risk.train_table import Choice, Rows, learn


def _line(values: Floats, lost: Floats, rows: Any, weights: Floats) -> Floats:
    plain = np.nan_to_num(values)
    model = LogisticRegression(max_iter=500).fit(plain[rows], lost[rows], weights)
    return np.asarray(model.decision_function(plain), dtype=np.float64)


def _fields(sheet: Sheet, lost: Floats, rows: Any, weights: Floats, seed: int) -> Floats:
    return _line(sheet.values, lost, rows, weights)


@pytest.fixture(autouse=True)
def _no_booster(monkeypatch: pytest.MonkeyPatch) -> None:
    def trees(told: Sheet, whole: Table, past: Rows, choice: Choice, seed: int, rounds: int) -> Floats:
        return _line(told.values, whole.lost, past, risk.train_table._weights(whole, past, choice)[past])

    monkeypatch.setattr(risk.train_table, "_trees", trees)


def _table(rows: int, seed: int, *, turned: float | None = None, timed: bool = True) -> Table:
    """Size speaks for being lost; from the share ``turned`` of the time on it speaks against it."""
    dice = np.random.default_rng(seed)
    size, word = dice.normal(size=rows), dice.choice(["a", "b", "c"], rows).astype(object)
    days = np.linspace(0, 500, rows)
    way = np.where(days < 500 * (1.0 if turned is None else turned), 2.0, -2.0)
    lost = (dice.random(rows) < 1 / (1 + np.exp(-way * size - (word == "a")))).astype(float)
    return Table(columns={"size": size, "word": word}, lost=lost, days=days if timed else None)


def _halves(table: Table) -> tuple[Table, Table]:
    return table.take(np.arange(400)), table.take(np.arange(400, 500))


@pytest.mark.parametrize("timed", [True, False])
def test_five_hundred_rows_are_learnt_from_with_a_time_and_without(timed: bool) -> None:
    train, test = _halves(_table(500, 0, timed=timed))
    found = learn(train, test, fields=_fields)
    assert found.probabilities.shape == (100,)
    assert ((found.probabilities > 0.5) == test.lost).mean() > 0.7
    assert found.card["categories"] == ["word"]


@pytest.mark.parametrize("timed", [True, False])
def test_what_became_of_the_test_rows_is_never_looked_at(timed: bool) -> None:
    train, test = _halves(_table(500, 1, timed=timed))
    other = replace(test, lost=1 - test.lost)
    assert np.array_equal(
        learn(train, test, fields=_fields).probabilities, learn(train, other, fields=_fields).probabilities
    )


def test_a_past_that_means_the_opposite_by_now_fades_fast() -> None:
    train, test = _halves(_table(500, 2, turned=0.45))
    assert learn(train, test, fields=_fields).card["half_life_days"] == 45.0


def test_a_test_older_than_the_train_part_is_refused() -> None:
    train, test = _halves(_table(500, 3))
    with pytest.raises(ValueError, match="older than the newest train row"):
        learn(test, train, fields=_fields)
