"""A standing promise of the shop: due whenever its facts hold and its caps allow, whether or not it is worth its cost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.catalog import read_catalog
from compensation.engine import Engine
from retention.case import Case
from retention.hearing import Reason
from retention.offer import GrantState
from retention.risk import Score
from tests.unit.compensation_cases import (
    CASES,
    CATALOG,
    ENGINE,
    SCORES,
    UNTIMED,
    case,
    elsewhere,
    grant_of,
    line,
    offer_of,
    offered,
    order,
    price_event,
    refused,
)

UNLIKELY = Score(probability=0.05)
FILED = read_catalog(CATALOG.read_bytes(), file="catalog.yml")
IDS = [row.offer_id for row in FILED.rows]


def promising(*offer_ids: str) -> Engine:
    """The shipped catalog in which these rows, and no others, are standing promises."""
    return Engine(replace(FILED, rows=tuple(replace(row, standing=row.offer_id in offer_ids) for row in FILED.rows)))


def cheaper_now(*, margin: float = 0.5, now_yuan: float = 160, rfm: float = 50) -> Case:
    """A shopper who paid 200 yuan and speaks of the price, of goods that cost less now."""
    return case(order(line(200, margin=margin)), Reason.PRICE, rfm=rfm, events=(price_event(now_yuan),))


def test_price_protection_is_the_only_promise_the_shop_publishes() -> None:
    assert [row.offer_id for row in FILED.rows if row.standing] == ["price_protection"]


@pytest.mark.parametrize("probability", [0.0, 0.05])
def test_a_recorded_drop_is_paid_back_in_full_to_a_shopper_who_will_hardly_leave(probability: float) -> None:
    given = offered(cheaper_now(), Score(probability=probability))
    assert (given.offer_id, given.reserve_fen) == ("price_protection", 4000)
    assert given.expected_gain_fen == int(probability * 0.85 * 10_000) - 4000


def test_the_same_row_without_its_promise_is_not_worth_it() -> None:
    quoted = {each.offer_id: each.rule for each in promising().quote(cheaper_now(), UNLIKELY)}
    assert quoted["price_protection"] == "not_worth_it"


def test_a_drop_that_is_not_recorded_is_not_promised() -> None:
    unrecorded = replace(cheaper_now(), events=())
    quoted = {each.offer_id: each.rule for each in ENGINE.quote(unrecorded, UNLIKELY)}
    assert quoted["price_protection"] == "no_price_drop"


@pytest.mark.parametrize("probability", [0.0, 0.05, 0.58, 0.6, 0.9])
def test_price_protection_that_the_orders_cap_makes_smaller_is_given_at_any_probability(probability: float) -> None:
    given = offered(cheaper_now(margin=0.3), Score(probability=probability))
    assert (given.offer_id, given.reserve_fen, given.terms) == ("price_protection", 3000, {"cash_fen": 3000})
    assert "差价一共 40 元，按店铺规则这次能补其中的 30 元" in given.pitch


def test_price_protection_comes_before_a_coupon_that_gains_more() -> None:
    of = case(order(line(1000, margin=0.3)), Reason.PRICE, events=(price_event(850),))
    first, second = (each.offer for each in ENGINE.quote(of, Score(probability=0.5))[:2])
    assert first is not None
    assert second is not None
    assert (first.offer_id, second.offer_id) == ("price_protection", "coupon_500_100")
    assert first.expected_gain_fen < 0 < second.expected_gain_fen
    assert ENGINE.decide(of, Score(probability=0.5)) == first


@pytest.mark.parametrize(
    ("rule", "of"),
    [
        ("no_margin", cheaper_now(margin=0)),
        ("cap_order", cheaper_now(margin=0.1, now_yuan=120)),
        ("rule_everyday_customers", elsewhere(cheaper_now(), 300)),
        ("rule_high_value", elsewhere(cheaper_now(rfm=85), 500)),
    ],
)
def test_a_promise_breaks_no_cap(rule: str, of: Case) -> None:
    assert refused(of, UNLIKELY).rule == rule


def test_a_promise_fills_what_is_left_of_a_cap_and_no_more() -> None:
    assert offered(elsewhere(cheaper_now(), 288), UNLIKELY).reserve_fen == 1200


def test_a_promise_breaks_no_cap_of_its_own_row() -> None:
    tight = tuple(replace(row, caps=replace(row.caps, per_order_fen=2500)) for row in FILED.rows)
    quoted = {each.offer_id: each for each in Engine(replace(FILED, rows=tight)).quote(cheaper_now(), UNLIKELY)}
    assert (given := quoted["price_protection"].offer) is not None
    assert given.reserve_fen == 2500
    none_left = tuple(replace(row, caps=replace(row.caps, per_customer_fen=900)) for row in FILED.rows)
    quoted = {each.offer_id: each for each in Engine(replace(FILED, rows=none_left)).quote(cheaper_now(), UNLIKELY)}
    assert quoted["price_protection"].rule == "cap_offer_customer"


@pytest.mark.parametrize("state", list(GrantState))
def test_a_promise_is_kept_once_for_an_order_whatever_became_of_it(state: GrantState) -> None:
    of = cheaper_now()
    before = grant_of(offer_of(1, offer_id="price_protection", cause="price"), to=of, state=state)
    assert refused(replace(of, grants=(before,)), UNLIKELY).rule == "given_before"


@UNTIMED
@given(case=CASES, score=SCORES)
def test_a_promise_lifts_the_gate_of_worth_and_no_other(case: Case, score: Score) -> None:
    weighed = {each.offer_id: each for each in promising().quote(case, score)}
    promised = {each.offer_id: each for each in promising(*IDS).quote(case, score)}
    assert promised.keys() == weighed.keys()
    for offer_id, plain in weighed.items():
        assert promised[offer_id].rule == ("fits" if plain.rule == "not_worth_it" else plain.rule)
        assert plain.offer is None or promised[offer_id].offer == replace(plain.offer, standing=True)


@UNTIMED
@given(case=CASES, score=SCORES, standing=st.sets(st.sampled_from(IDS)))
def test_whatever_is_promised_comes_first_and_the_rest_follows_by_its_gain(
    case: Case, score: Score, standing: set[str]
) -> None:
    fitting = [each.offer for each in promising(*standing).quote(case, score) if each.offer is not None]
    ranks = [(offer.offer_id not in standing, -offer.expected_gain_fen) for offer in fitting]
    assert ranks == sorted(ranks)
