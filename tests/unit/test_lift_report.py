"""No figure without a control, none of orders that may still come back, and the truth inside the interval."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

from compensation.cohort import first_of_each, mature
from compensation.lift_report import FEWEST, By, LiftReport, Verdict, report
from retention.exposure import CHAMPION, Arm, Exposure
from retention.profile import Outcome
from tests.unit.compensation_cases import NOW
from tests.unit.experiment_cases import exposure, lived, offering, refusing

HELD: dict[str, Any] = {"arm": Arm.HELD_OUT, "action": "none", "propensity": 0.05}
COUPON = offering("coupon", 5)


def shop(kept_by: dict[str, float], *, orders: int = 3000, by: By = By.OFFER, seed: int = 1) -> LiftReport:
    lives = lived(orders, seed=seed, kept_by=kept_by, champion=COUPON)
    return report([each for each, _ in lives], by=by)


def test_an_offer_that_keeps_orders_is_seen_with_an_interval() -> None:
    found = shop({"coupon": 0.5, "none": 0.3})
    [row] = found.rows
    assert (row.key, row.verdict) == ("coupon", Verdict.MORE)
    assert row.kept is not None
    assert row.kept.low < 0.2 < row.kept.high
    assert (row.treated_n + row.control_n, found.customers) == (3000, 3000)


def test_an_offer_that_changes_nothing_is_not_called_a_success_however_many_are_kept() -> None:
    found = shop({"coupon": 0.9, "none": 0.9}, seed=2)
    assert found.total.treated_kept / found.total.treated_n > 0.85
    assert found.total.verdict is Verdict.UNCLEAR
    assert found.total.margin is not None
    assert found.total.margin.value < 0, "it costs what it does not bring"


def test_an_offer_that_drives_shoppers_away_is_said_to() -> None:
    assert shop({"coupon": 0.2, "none": 0.4}).total.verdict is Verdict.LESS


def test_without_a_hold_out_nothing_is_said_about_how_many_were_kept() -> None:
    found = report([exposure(number) for number in range(500)], by=By.OFFER)
    assert found.total.verdict is Verdict.NO_CONTROL
    assert found.total.kept is None
    assert found.total.margin is None


def test_a_hold_out_that_is_too_small_says_nothing() -> None:
    few = [exposure(number, **HELD, kept=False) for number in range(FEWEST - 1)]
    many = [exposure(number) for number in range(100, 600)]
    assert report([*few, *many], by=By.OFFER).total.verdict is Verdict.TOO_FEW
    one_more = exposure(99, **HELD, kept=False)
    assert report([*few, *many, one_more], by=By.OFFER).total.verdict is Verdict.MORE


def test_kept_today_does_not_count_before_it_is_settled() -> None:
    old = [exposure(number) for number in range(400)] + [exposure(number, **HELD) for number in range(400, 500)]
    young = [exposure(number, kept=None) for number in range(500, 900)]
    lost_at_once = [exposure(number, kept=False) for number in range(900, 940)]
    mixed = [replace(each, at=NOW + timedelta(days=30, minutes=index)) for index, each in enumerate(young)]
    sooner = [replace(each, at=NOW + timedelta(days=30, minutes=index)) for index, each in enumerate(lost_at_once)]
    found = report([*old, *mixed, *sooner], by=By.OFFER)
    assert found.total.treated_kept == 400
    assert found.total.treated_n <= 405, "hardly any of the losses that are known first"
    assert found.waiting == 400
    assert found.until is not None


def test_a_customer_counts_once_by_their_first_decision() -> None:
    first = exposure(1, minutes=1, **HELD, kept=False)
    again = [replace(exposure(number, minutes=number, **HELD, kept=True), customer_id="c1") for number in range(2, 10)]
    assert first_of_each([*again, first]) == [first]


def test_erased_customers_count_by_their_orders() -> None:
    erased = [replace(exposure(number), customer_id="") for number in (1, 2, 3, 3)]
    assert len(first_of_each(erased)) == 3


def test_what_nobody_knows_is_counted_apart() -> None:
    unknown = [replace(exposure(number), outcome=Outcome.UNDECIDED) for number in range(7)]
    found = report([*unknown, *(exposure(number) for number in range(10, 50))], by=By.OFFER)
    assert (found.undecided, found.customers, found.waiting) == (7, 40, 0)


def test_a_tier_that_buys_more_and_is_held_out_more_does_not_hide_what_an_offer_does() -> None:
    random, exposures = Random(5), []
    for number in range(8000):
        gold = number % 2 == 0
        held = random.random() < (0.6 if gold else 0.05)
        kept = random.random() < (0.8 if gold else 0.2) + (0.0 if held else 0.1)
        arm = HELD if held else {}
        exposures.append(exposure(number, kept=kept, tier="gold" if gold else "new", **arm))
    total = report(exposures, by=By.TIER).total
    assert total.treated_kept / total.treated_n < total.control_kept / total.control_n
    assert total.verdict is Verdict.MORE


def test_groups_are_by_reason_or_tier_as_asked_and_add_up() -> None:
    for by, keys in ((By.REASON, {"logistics"}), (By.TIER, {"regular", "silver", "gold"})):
        found = shop({"coupon": 0.5, "none": 0.3}, by=by)
        assert {row.key for row in found.rows} == keys
        assert sum(row.treated_n for row in found.rows) == found.total.treated_n


def test_a_challenger_is_compared_with_the_champion_also_where_it_offers_nothing() -> None:
    lives = lived(
        6000, seed=3, kept_by={"coupon": 0.5, "none": 0.3}, champion=COUPON, challenger=refusing, hold_out=0.05
    )
    found = report([each for each, _ in lives], by=By.VARIANT)
    [row] = found.rows
    assert (row.key, row.verdict) == ("spring", Verdict.LESS)
    assert row.control_n > row.treated_n > 1500


def test_synthetic_orders_are_counted_as_such() -> None:
    made_up = [exposure(number, synthetic=True) for number in range(5)]
    assert report([*made_up, exposure(9)], by=By.OFFER).synthetic == 5


def test_the_truth_lies_in_the_interval_about_as_often_as_it_says() -> None:
    covered = 0
    for seed in range(60):
        total = shop({"coupon": 0.5, "none": 0.35}, orders=400, seed=seed).total
        assert total.kept is not None
        covered += total.kept.low <= 0.15 <= total.kept.high
    assert covered >= 53


def test_the_newest_are_left_out_until_hardly_any_is_open() -> None:
    settled = [exposure(number) for number in range(300)]
    open_ones = [exposure(number, kept=None) for number in range(300, 400)]
    assert len(mature([*settled, *open_ones])) == 305
    assert mature([]) == []
    assert mature(open_ones) == []
    assert list(mature(settled)) == settled


def test_the_order_of_the_exposures_changes_nothing() -> None:
    lives: list[Exposure] = [
        each for each, _ in lived(500, seed=2, kept_by={"coupon": 0.5, "none": 0.3}, champion=COUPON)
    ]
    shuffled = lives.copy()
    Random(1).shuffle(shuffled)
    assert report(shuffled, by=By.TIER) == report(lives, by=By.TIER)
    assert all(each.variant == CHAMPION for each in lives)
