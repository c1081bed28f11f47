"""Budgets that last their day: dearer ahead of the plan, cheaper behind it, the same on every server."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.pacing import FLAT, Curve, Pace, Pacer, day_fen, learn_curve
from compensation.words import CHINA

MIDNIGHT = datetime(2025, 11, 22, tzinfo=CHINA)
MOMENTS = st.integers(0, 24 * 3600 - 1).map(lambda seconds: MIDNIGHT + timedelta(seconds=seconds))
CURVES = st.lists(MOMENTS, max_size=50).map(learn_curve)
PACE = Pace(day_fen=100_000)


@given(CURVES, MOMENTS, MOMENTS)
def test_the_plan_of_a_day_only_grows_from_nothing_to_all(curve: Curve, one: datetime, other: datetime) -> None:
    earlier, later = sorted((one, other))

    assert 0 <= curve.due(earlier) <= curve.due(later) <= 1 + 1e-9
    assert sum(curve.shares) == pytest.approx(1)
    assert min(curve.shares) > 0


def test_hours_are_those_of_china_wherever_the_server_stands() -> None:
    assert FLAT.due(datetime(2025, 11, 22, 4, tzinfo=timezone.utc)) == pytest.approx(0.5)


def test_a_busy_evening_is_planned_for() -> None:
    evening = learn_curve([MIDNIGHT + timedelta(hours=20)] * 100)

    assert evening.due(MIDNIGHT + timedelta(hours=19)) < 0.2
    assert evening.due(MIDNIGHT + timedelta(hours=22)) > 0.8


@given(st.integers(0, 10**12), st.integers(0, 10**9), CURVES, MOMENTS)
def test_more_spent_is_never_cheaper_and_the_price_is_bounded(
    spent: int, more: int, curve: Curve, at: datetime
) -> None:
    pace = Pace(day_fen=100_000, curve=curve)

    assert 0 <= pace.price(spent, at) <= pace.price(spent + more, at) <= pace.most


def test_on_plan_it_costs_what_it_started_at() -> None:
    assert PACE.price(50_000, MIDNIGHT + timedelta(hours=12)) == pytest.approx(PACE.start)
    assert PACE.price(20_000, MIDNIGHT + timedelta(hours=12)) < PACE.start
    assert PACE.price(90_000, MIDNIGHT + timedelta(hours=12)) > PACE.start


def test_a_paced_day_has_money_left_in_the_evening_and_gains_more_than_first_come() -> None:
    """Worth as much all day, except that the evening's shoppers are worth the most."""

    def gained(pace: Pace) -> tuple[int, int]:
        spent = total = by_noon = 0
        for minute in range(0, 24 * 60, 2):
            at, gain = MIDNIGHT + timedelta(minutes=minute), 900 + (minute * 7919) % 2600
            if spent + 1000 <= pace.day_fen and gain - pace.price(spent, at) * 1000 > 0:
                spent, total = spent + 1000, total + gain
            by_noon = spent if minute < 12 * 60 else by_noon
        return total, by_noon

    first, first_by_noon = gained(Pace(day_fen=200_000, start=0.0))
    paced, paced_by_noon = gained(Pace(day_fen=200_000, start=2.5))

    assert first_by_noon == 200_000
    assert paced_by_noon < 150_000
    assert paced > 1.2 * first


def test_a_campaigns_money_is_spread_over_the_days_it_has() -> None:
    assert day_fen(left_fen=70_000, today=date(2025, 11, 22), until=date(2025, 11, 28)) == 10_000
    assert day_fen(left_fen=70_000, today=date(2025, 11, 28), until=date(2025, 11, 28)) == 70_000
    assert day_fen(left_fen=0, today=date(2025, 11, 29), until=date(2025, 11, 28)) == 1


def test_a_budget_without_a_pace_is_free() -> None:
    pacer = Pacer({"coupons": PACE})

    assert pacer("points", MIDNIGHT) == 0.0
    assert pacer.budgets == {"coupons"}


def test_what_was_observed_counts_until_midnight() -> None:
    pacer = Pacer({"coupons": PACE})
    noon = MIDNIGHT + timedelta(hours=12)
    pacer.observe({"coupons": 90_000}, noon)

    assert pacer("coupons", noon) == PACE.price(90_000, noon)
    assert pacer("coupons", noon + timedelta(days=1)) == PACE.price(0, noon + timedelta(days=1))
