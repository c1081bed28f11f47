"""Partial pooling of categories: laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risk.rates import Past, pooled


def _past(dice: np.random.Generator, rows: int, half_life: float | None = None) -> Past:
    return Past(
        days=np.sort(dice.integers(0, 50, rows)).astype(float),
        lost=dice.integers(0, 2, rows).astype(float),
        known=np.ones(rows, bool),
        half_life=half_life,
    )


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), moment=st.integers(1, 49), half_life=st.sampled_from([None, 5.0]))
def test_whatever_happens_later_never_changes_what_a_row_was_told(
    seed: int, moment: int, half_life: float | None
) -> None:
    dice = np.random.default_rng(seed)
    past = _past(dice, 80, half_life)
    parent = dice.integers(0, 3, 80)
    path = [parent, parent * 4 + dice.integers(0, 4, 80)]
    moments = [moment * 0.5, float(moment)]
    later = past.days >= moment
    changed = Past(
        days=past.days,
        lost=np.where(later, 1 - past.lost, past.lost),
        known=past.known & (dice.random(80) < 0.5) | ~later,
        half_life=half_life,
    )
    elsewhere = [np.where(later, 0, codes) for codes in path]
    before = ~later
    assert np.array_equal(pooled(path, past, moments)[before], pooled(elsewhere, changed, moments)[before])
    assert np.array_equal(pooled(path, past, moments), pooled(path, changed, moments))


def test_a_row_is_told_nothing_by_rows_of_its_own_stretch() -> None:
    past = Past(days=np.arange(6.0), lost=np.array([0, 1, 0, 1, 1, 1.0]), known=np.ones(6, bool))
    assert pooled([np.zeros(6, int)], past, [10.0]).tolist() == [0.0] * 6


def test_a_category_never_seen_says_what_its_parent_says() -> None:
    lost = np.array([1.0] * 40 + [0.0] * 40 + [0.0, 0.0])
    days = np.array([0.0] * 80 + [5.0, 5.0])
    parent = np.array([0] * 40 + [1] * 40 + [0, 0])
    child = np.array([0] * 40 + [1] * 40 + [2, 0])
    past = Past(days=days, lost=lost, known=days < 5)
    cold, warm = pooled([parent, child], past, [5.0])[-2:]
    assert cold == pytest.approx(pooled([parent], past, [5.0])[-2])
    assert warm >= cold > 1


def test_few_rows_move_a_category_little_and_many_rows_move_it_to_its_own_rate() -> None:
    def told(rows: int) -> float:
        others = np.tile([1.0, 0.0], 500)
        lost = np.concatenate([others, np.ones(rows), [0.0]])
        codes = np.concatenate([np.arange(1000) // 100, np.full(rows + 1, 10)])
        days = np.append(np.zeros(1000 + rows), 1.0)
        return float(pooled([codes], Past(days=days, lost=lost, known=days < 1), [1.0])[-1])

    assert 0 < told(1) < 0.2
    assert told(1) < told(20) < told(400)
    assert told(400) > 3


def test_an_outcome_not_yet_known_does_not_count() -> None:
    past = Past(days=np.array([0.0, 0, 0, 1]), lost=np.array([1.0, 1, 0, 0]), known=np.zeros(4, bool))
    assert pooled([np.zeros(4, int)], past, [1.0]).tolist() == [0.0] * 4


def test_older_rows_count_less_where_they_fade() -> None:
    days = np.array([0.0] * 50 + [99.0] * 50 + [0.0] * 50 + [99.0] * 50 + [100.0])
    lost = np.array([1.0] * 50 + [0.0] * 50 + [0.0] * 50 + [1.0] * 50 + [0.0])
    codes = np.array([0] * 100 + [1] * 100 + [0])
    steady = Past(days=days, lost=lost, known=days < 100)
    fading = Past(days=days, lost=lost, known=days < 100, half_life=10.0)
    assert pooled([codes], steady, [100.0])[-1] == pytest.approx(0, abs=1e-9)
    assert pooled([codes], fading, [100.0])[-1] < -1
