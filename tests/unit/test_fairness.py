"""The fairness report warns when groups differ more than chance, and only then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import chi2, chi2_contingency

from compensation.fairness import Comparison, Measure, fairness
from retention.dealing import Dealing
from retention.profile import Outcome
from tests.unit.compensation_cases import NOW

ONE = Dealing(
    conversation_id="k",
    started_at=NOW,
    channel="web",
    intents=("cancel_order",),
    reasons=("price",),
    offers=(),
    outcome=Outcome.LOST,
    tier="regular",
    lifetime_orders=4,
    province="浙江省",
)


def many(n: int, *, offered: int = 0, kept: int = 0, **facts: object) -> list[Dealing]:
    """``n`` conversations; the first ``offered`` got an offer, the first ``kept`` orders stand."""
    base = replace(ONE, **facts)  # type: ignore[arg-type]
    return [
        replace(
            base,
            offers=("coupon",) if number < offered else (),
            outcome=Outcome.DEFLECTED if number < kept else Outcome.LOST,
        )
        for number in range(n)
    ]


def found(dealings: Sequence[Dealing], dimension: str, name: str | None, measure: Measure) -> Comparison:
    [group] = [one for one in fairness(dealings).dimensions[dimension] if one.name == name]
    [comparison] = [one for one in group.comparisons if one.measure is measure]
    return comparison


def test_groups_that_are_treated_alike_raise_no_warning() -> None:
    report = fairness(many(200, offered=80, tier="gold") + many(300, offered=120, tier="regular"))
    assert report.dealings == 500
    assert not report.warns


def test_a_province_that_gets_fewer_offers_for_the_same_reason_is_named_with_the_gap() -> None:
    dealings = many(200, offered=40, province="甘肃省") + many(400, offered=200, province="浙江省")
    low = found(dealings, "province", "甘肃省", Measure.OFFERED)
    assert low.warns
    assert low.gap == pytest.approx(-0.3)
    assert low.share.value == pytest.approx(0.2)
    assert fairness(dealings).warns


def test_groups_that_only_come_with_other_reasons_are_not_treated_differently() -> None:
    """Every reason has its own share of offers; one channel hears more of the one, the other of the other."""
    dealings = [
        *many(180, offered=90, reasons=("logistics",), channel="web"),
        *many(20, offered=2, reasons=("size",), channel="web"),
        *many(20, offered=10, reasons=("logistics",), channel="wechat"),
        *many(180, offered=18, reasons=("size",), channel="wechat"),
    ]
    web = found(dealings, "channel", "web", Measure.OFFERED)
    assert web.gap == pytest.approx(0.0)
    assert not fairness(dealings).warns


def test_too_few_conversations_say_nothing() -> None:
    few = found(many(6, offered=6, tier="gold") + many(300, offered=150), "tier", "gold", Measure.OFFERED)
    assert (few.p, few.gap, few.warns) == (None, None, False)
    assert few.share.interval[0] < 0.7


def test_shoppers_of_whom_nothing_is_known_are_counted_and_compared_with_nobody() -> None:
    dealings = many(100, offered=0, tier=None, lifetime_orders=None) + many(100, offered=90)
    assert found(dealings, "tier", None, Measure.OFFERED).p is None
    assert found(dealings, "tier", "regular", Measure.OFFERED).p is None  # there is no rest
    assert {group.name for group in fairness(dealings).dimensions["tenure"]} == {"known", None}


def test_an_undecided_order_is_neither_saved_nor_lost() -> None:
    dealings = many(50, kept=50) + many(50, outcome=Outcome.LOST)
    undecided = [replace(one, outcome=Outcome.UNDECIDED) for one in dealings[:50]]
    assert found(undecided + dealings[50:], "tier", "regular", Measure.SAVED).share.n == 50


def test_who_only_asked_something_is_not_in_the_report() -> None:
    assert fairness(many(9, intents=("track_order",))).dealings == 0


def test_with_one_reason_it_is_the_chi_squared_test() -> None:
    """Cochran, Mantel and Haenszel's statistic is Pearson's times (n - 1) / n."""
    dealings = many(120, offered=40, tier="gold") + many(200, offered=95)
    statistic = chi2_contingency([[40, 80], [95, 105]], correction=False).statistic * 319 / 320
    p = found(dealings, "tier", "gold", Measure.OFFERED).p
    assert p is not None
    assert p == pytest.approx(chi2.sf(statistic, 1))


def test_a_report_without_a_true_difference_rarely_warns() -> None:
    dice = np.random.default_rng(20261120)
    reports = 200
    warned = sum(fairness(_alike(dice)).warns for _ in range(reports))
    assert warned / reports <= 0.1  # 5 % is meant; 200 reports leave three standard deviations of doubt


def _alike(dice: np.random.Generator) -> list[Dealing]:
    return [
        replace(
            ONE,
            tier=str(dice.choice(["new", "regular", "silver", "gold"])),
            province=str(dice.choice(["浙江省", "广东省", "四川省"])),
            channel=str(dice.choice(["web", "wechat"])),
            reasons=(reason := str(dice.choice(["price", "logistics"])),),
            offers=("coupon",) if dice.random() < (0.5 if reason == "price" else 0.2) else (),
            outcome=Outcome.DEFLECTED if dice.random() < 0.4 else Outcome.LOST,
            lifetime_orders=int(dice.integers(0, 3)),
        )
        for _ in range(240)
    ]
