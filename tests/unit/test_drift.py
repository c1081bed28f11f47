"""Drift: nothing moved reads as zero, what moved reads as more; calibration tells whether probabilities come true."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risk.drift import FEWEST, MOVED, SCORE, WATCHED, calibration, moved, reference, references, stability, wilson

RNG = np.random.default_rng(5)
COLUMNS = st.lists(st.one_of(st.just(0.0), st.floats(-1e6, 1e6)), min_size=1, max_size=300).map(np.array)


@settings(deadline=None)
@given(COLUMNS)
def test_the_same_values_have_not_moved(values: np.ndarray) -> None:
    assert stability(reference(values), values) == pytest.approx(0, abs=1e-12)


@settings(deadline=None)
@given(COLUMNS, COLUMNS)
def test_the_index_is_finite_and_never_negative(then: np.ndarray, now: np.ndarray) -> None:
    assert 0 <= stability(reference(then), now) < 100


@settings(deadline=None)
@given(COLUMNS)
def test_every_value_falls_into_one_bin(values: np.ndarray) -> None:
    made = reference(values)
    assert sum(made.shares) == pytest.approx(1)
    assert list(made.edges) == sorted(set(made.edges))
    assert len(made.shares) == len(made.edges) + 1


def test_chance_reads_as_steady_and_a_shift_as_moved_more_the_further_it_goes() -> None:
    then, again = RNG.exponential(5, 5000), RNG.exponential(5, 3000)
    before = reference(then)
    assert stability(before, again) < WATCHED / 4
    shifts = [stability(before, again * factor) for factor in (1.0, 1.5, 2.5, 5.0)]
    assert shifts == sorted(shifts)
    assert shifts[-1] > MOVED


def test_a_feature_that_was_always_zero_and_is_no_longer_has_moved() -> None:
    before = reference(np.zeros(5000))
    assert stability(before, np.array([0.0] * 700 + [1.0] * 300)) > MOVED


def test_what_moved_most_comes_first_and_a_missing_name_is_zero() -> None:
    old = [{"waits": float(number % 7), "late": float(number % 3)} for number in range(900)]
    new = [{"late": float(number % 3)} for number in range(900)]
    scores = np.linspace(0.01, 0.9, 900)
    found = moved(references(old, scores), new, scores)
    assert next(iter(found)) == "waits"
    assert found["waits"] > MOVED
    assert found["late"] == pytest.approx(0, abs=1e-12)
    assert found[SCORE] == pytest.approx(0, abs=1e-12)


def test_too_few_scores_say_nothing() -> None:
    rows = [{"late": 1.0}] * (FEWEST - 1)
    scores = np.full(FEWEST - 1, 0.5)
    assert moved(references(rows, scores), rows, scores) == {}
    assert calibration(scores, np.zeros(FEWEST - 1)) is None


def test_probabilities_that_come_true_have_a_small_error_and_doubled_ones_a_large() -> None:
    truth = RNG.beta(1, 6, 8000)
    lost = (RNG.random(8000) < truth).astype(np.float64)
    right, doubled = calibration(truth, lost), calibration(np.clip(2 * truth, 0, 1), lost)
    assert right is not None
    assert doubled is not None
    assert right.ece < 0.02
    assert doubled.ece > 0.1
    assert right.expected == pytest.approx(right.observed, abs=0.015)
    assert sum(band.orders for band in right.bands) == 8000
    for band in right.bands:
        assert band.low <= band.expected <= band.high
        assert band.interval[0] <= band.observed <= band.interval[1]


@given(st.integers(1, 1000), st.integers(0, 1000))
def test_an_interval_holds_the_share_and_stays_between_none_and_all(count: int, yes: int) -> None:
    share = min(yes, count) / count
    low, high = wilson(share, count)
    assert 0 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= 1
