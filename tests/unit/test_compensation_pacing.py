"""Budgets that last their day: dearer ahead of the plan, cheaper behind it, the same on every server."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.catalog import Dates, Pot, Row, read_catalog
from compensation.pacing import FLAT, Curve, Pace, Pacer, campaigns, learn_curve
from compensation.words import CHINA
from tests.unit.compensation_cases import CATALOG

MIDNIGHT = datetime(2025, 11, 22, tzinfo=CHINA)
MOMENTS = st.integers(0, 24 * 3600 - 1).map(lambda seconds: MIDNIGHT + timedelta(seconds=seconds))
CURVES = st.lists(MOMENTS, max_size=50).map(learn_curve)
TODAY = MIDNIGHT.date()
PACE = Pace(cap_fen=100_000, begins=TODAY, ends=TODAY)


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
    pace = replace(PACE, curve=curve)

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
            if spent + 1000 <= pace.cap_fen and gain - pace.price(spent, at) * 1000 > 0:
                spent, total = spent + 1000, total + gain
            by_noon = spent if minute < 12 * 60 else by_noon
        return total, by_noon

    first, first_by_noon = gained(Pace(cap_fen=200_000, begins=TODAY, ends=TODAY, start=0.0))
    paced, paced_by_noon = gained(Pace(cap_fen=200_000, begins=TODAY, ends=TODAY, start=2.5))

    assert first_by_noon == 200_000
    assert paced_by_noon < 150_000
    assert paced > 1.2 * first


def test_a_campaigns_money_is_spread_over_the_days_it_has() -> None:
    week = Pace(cap_fen=700_000, begins=TODAY, ends=TODAY + timedelta(days=6))
    third_noon = MIDNIGHT + timedelta(days=2, hours=12)

    assert week.price(250_000, third_noon) == pytest.approx(week.start)
    assert week.price(400_000, third_noon) > 2 * week.start
    assert week.price(100_000, third_noon) < week.start / 2
    assert week.price(700_000, MIDNIGHT + timedelta(days=30)) == pytest.approx(week.start)
    assert week.price(0, MIDNIGHT - timedelta(days=3)) == pytest.approx(week.start)


def row(budget_id: str, begins: date | None, ends: date | None) -> Row:
    plain = read_catalog(CATALOG.read_bytes(), file="catalog.yml").rows[0]
    return replace(plain, budget=Pot(budget_id=budget_id, cap_fen=9), dates=Dates(begins=begins, ends=ends))


def test_only_a_budget_whose_every_row_has_a_first_and_a_last_day_is_a_campaign() -> None:
    rows = [
        row("sale", TODAY, TODAY + timedelta(days=1)),
        row("sale", TODAY + timedelta(days=1), TODAY + timedelta(days=2)),
        row("mixed", TODAY, TODAY),
        row("mixed", TODAY, None),
        row("always", None, None),
    ]

    assert campaigns(rows) == {"sale": Pace(cap_fen=9, begins=TODAY, ends=TODAY + timedelta(days=2))}


def test_a_budget_without_a_pace_is_free_and_one_with_a_pace_costs_what_was_last_observed() -> None:
    pacer, noon = Pacer(), MIDNIGHT + timedelta(hours=12)
    assert pacer("coupons", noon) == 0.0

    pacer.observe({"coupons": PACE}, {"coupons": 90_000})
    assert pacer("coupons", noon) == PACE.price(90_000, noon)
    assert pacer("points", noon) == 0.0

    pacer.observe({}, {})
    assert pacer("coupons", noon) == 0.0
