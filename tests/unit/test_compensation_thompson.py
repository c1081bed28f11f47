"""Sampling inside the guard rails: no rule is broken, no draw differs when asked again, no shopper is treated by who they are."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.candidate import Hurdle
from compensation.catalog import Authority, Row, read_catalog
from compensation.effect import Estimate
from compensation.engine import Engine
from compensation.thompson import NOTHING, Sampler
from retention.case import Case
from retention.hearing import Reason
from retention.offer import NoOffer, Offer
from retention.order import Address, Stage
from retention.risk import Score
from tests.unit.compensation_cases import (
    CASES,
    CATALOG,
    ENGINE,
    SCORES,
    SURE_LOSS,
    UNTIMED,
    case,
    line,
    order,
    price_event,
)

SAMPLER = Sampler(engine=ENGINE, salt="s")
LATE = case(order(line(400), stage=Stage.IN_TRANSIT, shipping_yuan=10), Reason.LOGISTICS)
LIKELY = Score(probability=0.5)


def numbered(of: Case, number: int) -> Case:
    return replace(of, order=replace(of.order, order_no=f"A{number}"))


def name(answer: Offer | NoOffer) -> str:
    return answer.offer_id if isinstance(answer, Offer) else NOTHING


@given(CASES, SCORES)
@UNTIMED
def test_it_offers_nothing_that_a_cap_or_a_rule_or_a_fact_forbids(of: Case, score: Score) -> None:
    answer = SAMPLER.decide(of, score)

    if isinstance(answer, Offer):
        hurdles = {each.offer_id: each.hurdle for each in ENGINE.quote(of, score, doubt=1e9)}
        assert hurdles[answer.offer_id] is Hurdle.PASSED
        sober = {each.offer_id: each.hurdle for each in ENGINE.quote(of, score)}
        assert sober[answer.offer_id] in (Hurdle.PASSED, Hurdle.WORTH)


@given(CASES, SCORES)
@UNTIMED
def test_the_odds_are_a_distribution_and_the_answer_is_among_them(of: Case, score: Score) -> None:
    odds = SAMPLER.odds(of, score)

    assert sum(odds.values()) == pytest.approx(1)
    assert odds[name(SAMPLER.decide(of, score))] > 0


@given(CASES, SCORES)
@UNTIMED
def test_asked_again_the_same_day_it_answers_the_same(of: Case, score: Score) -> None:
    later = replace(of, now=of.now + timedelta(seconds=30))

    assert name(SAMPLER.decide(of, score)) == name(Sampler(engine=ENGINE, salt="s").decide(later, score))


def test_over_many_orders_it_chooses_as_often_as_it_records() -> None:
    odds = SAMPLER.odds(LATE, LIKELY)
    counts = Counter(name(SAMPLER.decide(numbered(LATE, number), LIKELY)) for number in range(4000))

    assert len(odds) > 2
    for offer_id, share in odds.items():
        assert counts[offer_id] / 4000 == pytest.approx(share, abs=0.025)


def test_the_answer_says_what_it_was_drawn_among() -> None:
    odds = SAMPLER.odds(LATE, LIKELY)
    met = set()
    for number in range(200):
        answer = SAMPLER.decide(numbered(LATE, number), LIKELY)
        met.add(name(answer))
        assert {each.offer_id: each.probability for each in answer.chances} == pytest.approx(
            {offer_id: share for offer_id, share in odds.items() if offer_id != NOTHING}
        )

    assert len(met) > 1


def test_every_choice_stays_possible_enough_to_be_judged_by() -> None:
    assert min(SAMPLER.odds(LATE, LIKELY).values()) >= 0.02 / 6


def test_a_published_promise_is_never_left_to_chance() -> None:
    dropped = case(order(line(200), stage=Stage.DELIVERED), Reason.PRICE, events=(price_event(100),))

    for number in range(50):
        assert name(SAMPLER.decide(numbered(dropped, number), SURE_LOSS)) == "price_protection"
    assert SAMPLER.odds(dropped, SURE_LOSS) == {"price_protection": 1.0}


def test_where_the_engine_has_nothing_to_give_its_own_reason_is_told() -> None:
    closed = case(order(stage=Stage.CLOSED), Reason.LOGISTICS)

    assert SAMPLER.decide(closed, SURE_LOSS) == ENGINE.decide(closed, SURE_LOSS)
    assert SAMPLER.odds(closed, SURE_LOSS) == {NOTHING: 1.0}


def estimated(mean: float, deviation: float) -> Sampler:
    def effect(row: Row, of: Case, score: Score) -> Estimate:
        return Estimate(mean=mean, deviation=deviation, source="data")

    catalog = read_catalog(CATALOG.read_bytes(), file="catalog.yml")
    return Sampler(engine=Engine(catalog, effect=effect), salt="s")


def test_what_is_surely_not_worth_it_is_not_tried() -> None:
    assert estimated(0.0, 0.0).odds(LATE, LIKELY) == {NOTHING: 1.0}


def test_what_may_be_worth_it_is_tried_now_and_then() -> None:
    odds = estimated(0.0, 0.2).odds(LATE, LIKELY)

    assert 0.2 < odds[NOTHING] < 0.95


def test_what_is_surely_worth_it_is_hardly_ever_left_out() -> None:
    assert estimated(0.9, 0.001).odds(LATE, LIKELY)[NOTHING] < 0.01


NAMES = st.text(max_size=5)


@given(
    CASES,
    SCORES,
    st.builds(
        Address, province=NAMES, city=NAMES, district=NAMES, detail=NAMES, receiver=NAMES, phone=st.text(max_size=5)
    ),
    NAMES,
    st.dictionaries(st.sampled_from(["device", "gender", "age"]), NAMES),
)
@UNTIMED
def test_neither_name_nor_region_nor_device_nor_age_changes_what_a_shopper_is_offered(
    of: Case, score: Score, address: Address, word: str, attributes: dict[str, str]
) -> None:
    other = replace(
        of,
        order=replace(of.order, address=address, channel=word, attributes={**of.order.attributes, **attributes}),
        customer=replace(of.customer, name=word, attributes=attributes),
    )

    assert SAMPLER.odds(other, score) == SAMPLER.odds(of, score)
    assert name(SAMPLER.decide(other, score)) == name(SAMPLER.decide(of, score))


@given(CASES, SCORES, st.integers(0, 10**6))
@UNTIMED
def test_shoppers_in_the_same_situation_have_the_same_odds(of: Case, score: Score, number: int) -> None:
    other = replace(numbered(of, number), customer=replace(of.customer, customer_id=f"c{number}"))

    if not of.events:  # events name their order
        assert SAMPLER.odds(other, score) == SAMPLER.odds(of, score)


@given(CASES, SCORES)
@UNTIMED
def test_an_associate_is_shown_what_was_shown_before(of: Case, score: Score) -> None:
    shown = ENGINE.quote(of, score, by=Authority.ASSOCIATE)

    assert all(each.offer is None or each.standing or each.offer.expected_gain_fen > 0 for each in shown)
