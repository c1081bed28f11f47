"""Learning what offers change: the prior until there are data, then the truth, borrowed between groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.catalog import read_catalog
from compensation.effect import Estimate, prior_effect
from compensation.uplift import LearnedEffect, Seen, Uplift, fit
from retention.customer import Customer
from retention.hearing import Reason
from tests.unit.compensation_cases import CATALOG, SURE_LOSS, UNTIMED, case

ROWS = read_catalog(CATALOG.read_bytes(), file="catalog.yml").rows
SUPPOSED = {"coupon": 0.15, "points": 0.08}
TRUE = {"coupon": 0.4, "points": 0.05}


def history(
    n: int, *, seed: int = 1, true: Mapping[str, float] = TRUE, off: float = 0.0, hold_out: float = 0.2
) -> list[Seen]:
    """Orders whose risk score is wrong by ``off``, offered at random."""
    dice = np.random.default_rng(seed)
    seen = []
    for _ in range(n):
        probability, tier = float(dice.uniform(0.3, 0.9)), str(dice.choice(["regular", "gold"]))
        offer_id = None if dice.random() < hold_out else str(dice.choice(list(true)))
        lost = (probability - off) * (1 - (true[offer_id] if offer_id else 0))
        seen.append(
            Seen(
                offer_id=offer_id,
                reason="price",
                tier=tier,
                probability=probability,
                margin_fen=6_000,
                kept=bool(dice.random() >= lost),
            )
        )
    return seen


def asked(uplift: Uplift, offer_id: str = "coupon", *, reason: str = "price", tier: str = "gold") -> Estimate:
    return uplift.estimate(offer_id=offer_id, reason=reason, tier=tier, probability=0.6, margin_fen=6_000)


def test_before_any_order_it_is_the_catalogs_supposition_and_says_so() -> None:
    found = asked(fit([], SUPPOSED))

    assert found.mean == pytest.approx(0.6 * 0.15)
    assert found.source == "prior"


def test_a_handful_of_orders_moves_it_a_little_and_is_no_data_yet() -> None:
    found = asked(fit(history(20), SUPPOSED))

    assert found.mean == pytest.approx(0.6 * 0.15, abs=0.06)
    assert found.source == "prior"


def test_many_orders_teach_the_truth_and_it_says_so() -> None:
    uplift = fit(history(20_000), SUPPOSED)

    for offer_id, share in TRUE.items():
        found = asked(uplift, offer_id)
        assert found.mean == pytest.approx(0.6 * share, abs=0.05)
        assert found.source == "data"


def test_its_doubt_covers_the_truth() -> None:
    covered = 0
    for seed in range(60):
        found = asked(fit(history(1000, seed=seed), SUPPOSED))
        covered += abs(found.mean - 0.6 * TRUE["coupon"]) <= 1.96 * found.deviation

    assert covered >= 52


def test_the_hold_out_puts_a_wrong_risk_score_right() -> None:
    """A score that cries wolf makes every offer look like a rescue."""
    uplift = fit(history(20_000, off=0.15, true={"coupon": 0.0, "points": 0.0}), SUPPOSED)

    assert asked(uplift).mean == pytest.approx(0.0, abs=0.05)


def test_a_group_never_seen_borrows_from_its_offer_and_is_less_sure() -> None:
    uplift = fit(history(20_000), SUPPOSED)
    known, strange = asked(uplift), asked(uplift, reason="service", tier="unheard of")

    assert strange.mean == pytest.approx(0.6 * TRUE["coupon"], abs=0.06)
    assert strange.deviation > known.deviation


def test_an_offer_never_made_keeps_its_prior() -> None:
    uplift = fit(history(2000), {**SUPPOSED, "gift": 0.3})
    found = asked(uplift, "gift")

    assert found.mean == pytest.approx(0.6 * 0.3, abs=0.01)
    assert found.source == "prior"


def test_many_orders_make_it_surer_than_few() -> None:
    few, many = (asked(fit(history(n), SUPPOSED)).deviation for n in (300, 10_000))

    assert many < 0.6 * few


SEEN = st.builds(
    Seen,
    offer_id=st.none() | st.sampled_from(["coupon", "points", "gone"]),
    reason=st.sampled_from(["price", "general"]),
    tier=st.text(max_size=2),
    probability=st.floats(0, 1),
    margin_fen=st.integers(0, 10**9),
    kept=st.booleans(),
)


@given(st.lists(SEEN, max_size=30), st.floats(0, 1), st.integers(0, 10**9))
@UNTIMED
def test_whatever_was_seen_the_estimate_is_a_number_and_the_order_of_orders_is_no_matter(
    seen: list[Seen], probability: float, margin_fen: int
) -> None:
    asks = {"offer_id": "coupon", "reason": "price", "tier": "", "probability": probability, "margin_fen": margin_fen}
    found, turned = (fit(each, SUPPOSED).estimate(**asks) for each in (seen, seen[::-1]))  # type: ignore[arg-type]

    assert np.isfinite(found.mean)
    assert found.deviation >= 0
    assert (turned.mean, turned.deviation) == pytest.approx((found.mean, found.deviation), abs=1e-9)


def test_the_engines_effect_is_the_prior_until_it_is_taught_and_for_rows_changed_since() -> None:
    effect = LearnedEffect()
    row = next(each for each in ROWS if each.offer_id == "coupon_500_100")
    of = replace(case(None, Reason.PRICE), customer=Customer(customer_id="c1", tier="gold"))
    assert effect(row, of, SURE_LOSS) == prior_effect(row, of, SURE_LOSS)

    seen = [
        Seen(offer_id=row.offer_id, reason="price", tier="gold", probability=0.9, margin_fen=6_000, kept=True)
        for _ in range(500)
    ]
    effect.learn(seen, ROWS)
    assert effect(row, of, SURE_LOSS).source == "data"
    assert effect(row, of, SURE_LOSS).mean > 2 * prior_effect(row, of, SURE_LOSS).mean

    changed = replace(row, kept=0.5)
    assert effect(changed, of, SURE_LOSS) == prior_effect(changed, of, SURE_LOSS)
