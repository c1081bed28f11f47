"""Rows that are alike: laws."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from risk.alike import alike, prints


def test_rows_of_the_same_moment_count_in_any_order_and_later_ones_never() -> None:
    same = np.array([7, 7, 3, 7, 7])
    days = np.array([1.0, 1.0, 1.0, 2.0, 40.0])
    assert np.exp(alike(same, days, 0.0)).round().tolist() == [2, 2, 1, 1, 1]
    assert np.exp(alike(same, days, 30.0)).round().tolist() == [2, 2, 1, 3, 1]


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), cut=st.integers(1, 29), reach=st.sampled_from([0.0, 3.0]))
def test_what_comes_later_never_changes_how_many_were_alike(seed: int, cut: int, reach: float) -> None:
    dice = np.random.default_rng(seed)
    days, same = dice.integers(0, 30, 60).astype(float), dice.integers(0, 3, 60)
    later = days >= cut
    otherwise = np.where(later, dice.integers(0, 3, 60), same)
    assert np.array_equal(alike(same, days, reach)[~later], alike(otherwise, days, reach)[~later])


def test_the_field_goes_first_whose_loss_joins_the_most_rows() -> None:
    alone = np.arange(6.0)
    values = np.column_stack([alone, [0, 0, 0, 1, 1, 1], [5.0] * 6])
    whole, without = prints(values, np.ones(6, bool), dropped=1)
    assert len(set(whole.tolist())) == 6
    assert [len(set(without[:3].tolist())), len(set(without.tolist()))] == [1, 2]


def test_blanks_are_alike_and_one_field_always_stays() -> None:
    same = prints(np.array([[np.nan], [np.nan], [1.0]]), np.ones(3, bool), dropped=4)
    assert len(same) == 1
    assert same[0][0] == same[0][1] != same[0][2]
