"""Lift against the hold-out: the published figures of the methods, their limits, and how often they cover the truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.lift import Amounts, Lift, MarginLift, Stratified, sample_size, student

N = st.integers(1, 400)


@st.composite
def lifts(draw: st.DrawFn) -> Lift:
    treated, held = draw(N), draw(N)
    return Lift(
        treated_n=treated,
        treated_kept=draw(st.integers(0, treated)),
        held_n=held,
        held_kept=draw(st.integers(0, held)),
    )


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [((70, 56, 80, 48), 0.0524, 0.3339), ((10, 9, 10, 3), 0.1705, 0.8090), ((10, 10, 20, 0), 0.6791, 1.0)],
)
def test_the_interval_is_the_published_one(counts: tuple[int, int, int, int], low: float, high: float) -> None:
    """Newcombe (1998), table II, method 10."""
    treated_n, treated_kept, held_n, held_kept = counts
    lift = Lift(treated_n=treated_n, treated_kept=treated_kept, held_n=held_n, held_kept=held_kept)

    assert lift.interval() == pytest.approx((low, high), abs=5e-5)


@given(lifts())
def test_the_interval_holds_the_estimate_and_stays_a_difference_of_shares(lift: Lift) -> None:
    low, high = lift.interval()

    assert -1 <= low <= lift.estimate <= high <= 1
    assert high > low


@given(lifts())
def test_to_call_the_arms_the_other_way_round_only_changes_the_sign(lift: Lift) -> None:
    other = Lift(treated_n=lift.held_n, treated_kept=lift.held_kept, held_n=lift.treated_n, held_kept=lift.treated_kept)
    low, high = lift.interval()

    assert other.interval() == pytest.approx((-high, -low))


@given(lifts())
def test_one_stratum_is_the_plain_lift(lift: Lift) -> None:
    alone = Stratified(strata=[lift])

    assert alone.estimate == pytest.approx(lift.estimate)
    assert alone.interval() == pytest.approx(lift.interval())


def test_strata_undo_a_hold_out_that_holds_other_shoppers_than_the_rest() -> None:
    """Offers help each tier by ten points; the hold-out happens to be loyal."""
    fickle = Lift(treated_n=900, treated_kept=270, held_n=20, held_kept=4)
    loyal = Lift(treated_n=100, treated_kept=90, held_n=80, held_kept=64)
    plain = Lift(treated_n=1000, treated_kept=360, held_n=100, held_kept=68)

    assert plain.estimate < 0
    assert Stratified(strata=[fickle, loyal]).estimate == pytest.approx(0.1)


@pytest.mark.parametrize(("held_kept", "effect"), [(0.1, 0.05), (0.6, 0.08), (0.9, 0.0)])
def test_intervals_of_a_small_hold_out_cover_the_truth_as_often_as_they_say(held_kept: float, effect: float) -> None:
    dice = np.random.default_rng(7)
    covered = 0
    for _ in range(1500):
        strata = [
            Lift(
                treated_n=570,
                treated_kept=int(dice.binomial(570, held_kept + effect)),
                held_n=30,
                held_kept=int(dice.binomial(30, held_kept)),
            )
            for _ in range(2)
        ]
        low, high = Stratified(strata=strata).interval()
        covered += low <= effect <= high

    assert 0.93 <= covered / 1500 <= 0.98


def test_the_lift_in_margin_covers_the_truth_for_skewed_amounts() -> None:
    dice = np.random.default_rng(11)
    covered = 0
    for _ in range(1000):
        treated = dice.exponential(5000, 400) * (dice.random(400) < 0.6) - 500
        held = dice.exponential(5000, 60) * (dice.random(60) < 0.5)
        low, high = MarginLift(treated=Amounts.of(treated.tolist()), held=Amounts.of(held.tolist())).interval()
        covered += low <= 0.1 * 5000 - 500 <= high

    assert 0.93 <= covered / 1000 <= 0.98


def test_the_sample_it_asks_for_shows_the_lift_as_often_as_promised() -> None:
    n = sample_size(kept=0.4, lift=0.06, hold_out=0.1)
    held = round(n * 0.1)
    dice = np.random.default_rng(3)
    shown = sum(
        Lift(
            treated_n=n - held,
            treated_kept=int(dice.binomial(n - held, 0.46)),
            held_n=held,
            held_kept=int(dice.binomial(held, 0.4)),
        ).interval()[0]
        > 0
        for _ in range(2000)
    )

    assert 0.77 <= shown / 2000 <= 0.83


def test_a_small_hold_out_costs_orders() -> None:
    assert sample_size(kept=0.4, lift=0.06, hold_out=0.05) > 4 * sample_size(kept=0.4, lift=0.06, hold_out=0.5)


@pytest.mark.parametrize(("freedom", "value"), [(3, 3.1824), (10, 2.2281), (100, 1.9840)])
def test_students_bounds_are_those_of_the_tables(freedom: float, value: float) -> None:
    assert student(freedom, 0.95) == pytest.approx(value, rel=0.01)


def test_counts_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="held arm: 0 kept of 0"):
        Lift(treated_n=3, treated_kept=1, held_n=0, held_kept=0)
    with pytest.raises(ValueError, match="4 kept of 3"):
        Lift(treated_n=3, treated_kept=4, held_n=1, held_kept=0)
    with pytest.raises(ValueError, match="two different shares"):
        sample_size(kept=0.9, lift=0.2, hold_out=0.1)
    with pytest.raises(ValueError, match="expected at least 2 of each"):
        MarginLift(treated=Amounts.of([1.0, 2.0]), held=Amounts.of([1.0]))
    with pytest.raises(ValueError, match="no stratum"):
        Stratified(strata=[])


def test_amounts_that_never_differ_have_no_spread() -> None:
    same = MarginLift(treated=Amounts.of([300.0] * 5), held=Amounts.of([100.0] * 3))

    assert same.interval() == (200.0, 200.0)
    assert math.isfinite(same.estimate)
