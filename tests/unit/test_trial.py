"""Who gets which catalog and who gets nothing: always the same, by chance alone, and with the probability that is recorded."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.engine import catalog_of
from compensation.experiment import Challenger, Experiment
from compensation.trial import Trial
from retention.case import Case, DecideOffer
from retention.customer import Customer
from retention.draw import draw
from retention.exposure import NOTHING, Arm
from retention.hearing import Reason
from retention.offer import Chance, NoOffer, Offer
from retention.risk import Score
from tests.unit.compensation_cases import CASES, CATALOG, ENGINE, SCORES, SURE_LOSS, UNTIMED, case, offer_of
from twin.shoppers import SHOPPERS

MANY = [f"customer-{number}" for number in range(6_000)]


def always(answer: Offer | NoOffer) -> DecideOffer:
    return lambda case, score: answer


COUPON, POINTS = always(offer_of(20, offer_id="coupon")), always(offer_of(5, offer_id="points"))
NOT_WORTH_IT = always(NoOffer(rule="not_worth_it", why="。", catalog_version="1"))
SPRING = Challenger(name="spring", file="spring.yml", share=0.3)


def of(customer_id: str) -> Case:
    plain = case(None, Reason.LOGISTICS)
    return replace(plain, customer=Customer(customer_id=customer_id))


def arms(trial: Trial) -> Counter[Arm]:
    return Counter(trial.arm(of(each)) for each in MANY)


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5])
def test_the_hold_out_is_the_share_that_was_asked_for(share: float) -> None:
    trial = Trial(Experiment(hold_out=share), champion=COUPON)
    held = arms(trial)[Arm.HELD_OUT] / len(MANY)
    assert abs(held - share) < 4 * (share * (1 - share) / len(MANY)) ** 0.5


def test_the_hold_out_and_the_challenger_are_drawn_apart_from_each_other() -> None:
    trial = Trial(Experiment(hold_out=0.2, challenger=SPRING), champion=COUPON, challenger=POINTS)
    held = [each for each in MANY if trial.arm(of(each)) is Arm.HELD_OUT]
    trying = sum(trial.variant(of(each)) == "spring" for each in held) / len(held)
    assert abs(trying - 0.3) < 4 * (0.3 * 0.7 / len(held)) ** 0.5


def test_a_customer_stays_in_an_arm_whatever_the_order_and_another_salt_draws_anew() -> None:
    first, second = (Trial(Experiment(hold_out=0.5, salt=salt), champion=COUPON) for salt in ("1", "2"))
    assert all(first.arm(of(each)) is first.arm(replace(of(each), rounds=3)) for each in MANY[:200])
    same = sum(first.arm(of(each)) is second.arm(of(each)) for each in MANY)
    assert abs(same / len(MANY) - 0.5) < 0.03


def test_a_larger_hold_out_keeps_everybody_who_was_in_the_smaller_one() -> None:
    small, large = (Trial(Experiment(hold_out=share), champion=COUPON) for share in (0.05, 0.1))
    assert all(large.arm(of(each)) is Arm.HELD_OUT for each in MANY if small.arm(of(each)) is Arm.HELD_OUT)


def test_what_is_recorded_as_probable_is_how_often_it_happens() -> None:
    for champion, challenger in ((COUPON, POINTS), (COUPON, NOT_WORTH_IT), (NOT_WORTH_IT, POINTS)):
        trial = Trial(Experiment(hold_out=0.2, challenger=SPRING), champion=champion, challenger=challenger)
        assigned = [found for each in MANY if (found := trial.decide(of(each), SURE_LOSS)[1])]
        assert len(assigned) == len(MANY)
        shown = Counter(found.action for found in assigned)
        [chances] = {tuple(sorted(found.chances.items())) for found in assigned}
        assert dict(chances) == pytest.approx({action: n / len(MANY) for action, n in shown.items()}, abs=0.025)


@pytest.mark.parametrize("fell_on", ["coupon", "points", NOTHING])
def test_what_a_draw_might_have_fallen_on_is_recorded_whatever_it_fell_on(fell_on: str) -> None:
    """Half coupons, a quarter of something free, a quarter nothing."""
    coupon, free = offer_of(20, offer_id="coupon"), offer_of(0, offer_id="points")
    chances = tuple(
        Chance(offer_id=each.offer_id, probability=odds, budget=each.budget, reserve_fen=each.reserve_fen)
        for each, odds in ((coupon, 0.5), (free, 0.25))
    )
    nothing = NoOffer(rule="not_this_time", why="。", catalog_version="1", chances=chances)
    drawn = {"coupon": replace(coupon, chances=chances), "points": replace(free, chances=chances)}.get(fell_on, nothing)
    trial = Trial(Experiment(hold_out=0.2), champion=always(drawn))
    assigned = [found for each in MANY[:200] if (found := trial.decide(of(each), SURE_LOSS)[1])]
    assert len(assigned) == 200
    assert {found.action for found in assigned} == ({"coupon", NOTHING} if fell_on == "coupon" else {fell_on})
    assert assigned[0].chances == pytest.approx({"coupon": 0.4, "points": 0.25, NOTHING: 0.35})


def test_both_variants_are_recorded_where_only_one_of_them_would_offer() -> None:
    trial = Trial(Experiment(hold_out=0.0, challenger=SPRING), champion=NOT_WORTH_IT, challenger=POINTS)
    found = {(a.variant, a.offer is None) for each in MANY[:300] if (a := trial.decide(of(each), SURE_LOSS)[1])}
    assert found == {("champion", True), ("spring", False)}


def test_nothing_is_recorded_where_nobody_would_be_offered_money() -> None:
    free = always(replace(offer_of(0), value_fen=100))
    promised = always(replace(offer_of(20), standing=True))
    for decide in (NOT_WORTH_IT, free, promised):
        trial = Trial(Experiment(hold_out=0.5), champion=decide)
        assert all(trial.decide(of(each), SURE_LOSS)[1] is None for each in MANY[:50])
        assert all(trial.decide(of(each), SURE_LOSS)[0] == decide(of(each), SURE_LOSS) for each in MANY[:50])


@given(case=CASES, score=SCORES, share=st.sampled_from([0.0, 0.05, 0.5]))
@UNTIMED
def test_of_any_case_the_chances_are_a_distribution_and_the_decision_is_the_action(
    case: Case, score: Score, share: float
) -> None:
    trial = Trial(Experiment(hold_out=share, challenger=SPRING), champion=ENGINE.decide, challenger=NOT_WORTH_IT)
    decided, assigned = trial.decide(case, score)
    if assigned is None:
        return
    assert sum(assigned.chances.values()) == pytest.approx(1.0)
    assert 0 < assigned.propensity <= 1
    assert assigned.action == (decided.offer_id if isinstance(decided, Offer) else NOTHING)
    assert assigned.action in (NOTHING, assigned.offer and assigned.offer.offer_id)


def test_whoever_tries_the_demo_shop_is_shown_its_offers() -> None:
    trial = Trial(catalog_of(CATALOG).experiment, champion=COUPON)
    assert [each.customer_id for each in SHOPPERS if trial.arm(of(each.customer_id)) is Arm.HELD_OUT] == []


@given(st.text())
def test_a_draw_is_a_share_and_always_the_same(text: str) -> None:
    assert 0 <= draw(text) < 1
    assert draw(text) == draw(text)


def test_the_same_offer_with_other_terms_is_another_action() -> None:
    generous = always(replace(offer_of(40, offer_id="coupon"), terms={"coupon_fen": 4000}))
    modest = always(replace(offer_of(20, offer_id="coupon"), terms={"coupon_fen": 2000}))
    trial = Trial(Experiment(hold_out=0.2, challenger=SPRING), champion=modest, challenger=generous)
    assigned = [found for each in MANY[:100] if (found := trial.decide(of(each), SURE_LOSS)[1])]
    assert {found.action for found in assigned} == {"coupon", "coupon@spring", NOTHING}
    assert assigned[0].chances == pytest.approx({"coupon": 0.56, "coupon@spring": 0.24, NOTHING: 0.2})
    assert assigned[0].terms == {"coupon": {"coupon_fen": 2000}, "coupon@spring": {"coupon_fen": 4000}}
