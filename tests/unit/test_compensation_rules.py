"""The shop's own rules over all offers: every one that fits applies, and the strictest wins."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from compensation.catalog import Authority, parse_catalog, read_catalog
from compensation.engine import Engine
from retention.case import Case
from retention.customer import Customer
from retention.hearing import Reason
from retention.offer import Offer
from retention.order import Stage
from retention.risk import Score
from tests.unit.compensation_cases import (
    ADDRESS,
    CASES,
    CATALOG,
    SCORES,
    SURE_LOSS,
    UNTIMED,
    case,
    grant_of,
    line,
    order,
)

FILED = read_catalog(CATALOG.read_bytes(), file="catalog.yml")
SHIPPED: dict[str, Any] = json.loads(json.dumps(yaml.safe_load(CATALOG.read_text(encoding="utf-8"))))
LATE = case(order(line(1000)), Reason.LOGISTICS)


def ruled(*rules: dict[str, Any]) -> Engine:
    """The shipped catalog under these rules and the shipped ones."""
    named = [{"id": f"rule_{i}", "why": f"规则 {i}", **rule} for i, rule in enumerate(rules)]
    catalog = {**SHIPPED, "rules": [*SHIPPED["rules"], *named]}
    return Engine(parse_catalog(catalog, file="catalog.yml", digest="d"))


def rule_of(engine: Engine, of: Case, offer_id: str = "expedite") -> str:
    return {each.offer_id: each.rule for each in engine.quote(of, SURE_LOSS)}[offer_id]


@pytest.mark.parametrize(
    ("when", "fits"),
    [
        ({}, True),
        ({"rfm_above": 49}, True),
        ({"rfm_above": 50}, False),
        ({"rfm_max": 50}, True),
        ({"tiers": ["regular", "gold"]}, True),
        ({"tiers": ["gold"]}, False),
        ({"categories": ["数码", "服装"]}, True),
        ({"categories": ["数码"]}, False),
        ({"regions": ["浙江省"]}, True),
        ({"regions": ["杭州市"]}, True),
        ({"regions": ["西藏自治区"]}, False),
        ({"channels": ["wechat"]}, True),
        ({"channels": ["web"]}, False),
        ({"order_yuan_above": 999.99}, True),
        ({"order_yuan_above": 1000}, False),
        ({"promotion": True}, True),
        ({"promotion": False}, False),
        ({"reasons": ["price", "logistics"]}, True),
        ({"reasons": ["price"]}, False),
        ({"stages": ["in_transit"]}, True),
        ({"stages": ["delivered"]}, False),
        ({"rfm_max": 50, "stages": ["delivered"]}, False),
    ],
)
def test_a_rule_applies_when_everything_it_names_holds(when: dict[str, Any], fits: bool) -> None:
    of = replace(LATE, order=replace(LATE.order, channel="wechat", promotion_id="double11", address=ADDRESS))
    denying = ruled({"when": when, "then": {"deny": True}})
    assert rule_of(denying, of) == ("rule_rule_0" if fits else "fits")


def test_a_denial_says_why_and_leaves_a_person_nothing_to_give_either() -> None:
    engine = ruled({"why": "定制商品不补偿", "when": {"categories": ["服装"]}, "then": {"deny": True}})
    first = engine.quote(LATE, SURE_LOSS, by=Authority.MANAGER)[0]
    assert (first.offer, first.why) == (None, "定制商品不补偿")
    assert engine.allowance(LATE) == replace(engine.allowance(LATE), left_fen=0, why="定制商品不补偿")


def test_only_some_offers_are_let_through() -> None:
    engine = ruled({"when": {"promotion": False}, "then": {"only": ["next_day_voucher", "shipping_refund"]}})
    postage_paid = case(order(line(1000), shipping_yuan=8), Reason.LOGISTICS)
    chosen = engine.decide(postage_paid, SURE_LOSS)
    assert isinstance(chosen, Offer)
    assert chosen.offer_id == "shipping_refund"
    assert rule_of(engine, postage_paid) == "rule_rule_0"


def test_two_lists_of_offers_leave_what_stands_in_both() -> None:
    engine = ruled(
        {"when": {}, "then": {"only": ["expedite", "shipping_refund"]}},
        {"when": {}, "then": {"only": ["next_day_voucher", "shipping_refund"]}},
    )
    assert (rule_of(engine, LATE), rule_of(engine, LATE, "next_day_voucher")) == ("rule_rule_1", "rule_rule_0")
    assert rule_of(engine, LATE, "shipping_refund") == "no_postage"


@pytest.mark.parametrize(
    ("then", "left_fen"),
    [
        ({"cap_yuan": 20}, 2000),
        ({"order_cap_yuan": 20}, 2000),
        ({"cap_margin_share": 0.1}, 3000),
        ({"cap_margin_share": 0.1, "cap_yuan": 25, "order_cap_yuan": 28}, 2500),
        ({"cap_yuan": 9999}, 15000),
    ],
)
def test_the_strictest_cap_wins(then: dict[str, Any], left_fen: int) -> None:
    assert ruled({"when": {}, "then": then}).allowance(LATE).left_fen == left_fen


def test_a_cap_of_a_rule_counts_what_was_given_before() -> None:
    engine = ruled({"why": "预售订单", "when": {}, "then": {"cap_yuan": 8}})
    given_before = engine.decide(LATE, SURE_LOSS)
    assert isinstance(given_before, Offer)
    of = replace(LATE, order=replace(LATE.order, order_no="A2"), customer_grants=(grant_of(given_before, to=LATE),))
    quoted = {each.offer_id: each for each in engine.quote(of, SURE_LOSS)}["expedite"]
    assert (quoted.rule, quoted.why) == ("rule_rule_0", "预售订单：上限 8 元，已占用 5 元，该方案最多要 5 元")


def test_no_high_value_customer_is_above_500_yuan_even_when_everybodys_cap_is_higher() -> None:
    catalog = {**SHIPPED, "caps": {**SHIPPED["caps"], "customer": {"cap_yuan": 5000}}}
    engine = Engine(parse_catalog(catalog, file="catalog.yml", digest="d"))
    rich = case(order(line(50_000)), customer=Customer(customer_id="c1", rfm=95))
    assert engine.allowance(rich).left_fen == 50_000


RULES = st.fixed_dictionaries(
    {
        "when": st.fixed_dictionaries(
            {},
            optional={
                "rfm_above": st.integers(0, 100),
                "tiers": st.just(["gold"]),
                "categories": st.just(["服装"]),
                "order_yuan_above": st.integers(0, 5000),
                "promotion": st.booleans(),
                "reasons": st.lists(st.sampled_from([one.value for one in Reason]), min_size=1, unique=True),
                "stages": st.lists(st.sampled_from([one.value for one in Stage]), min_size=1, unique=True),
            },
        ),
        "then": st.one_of(
            st.just({"deny": True}),
            st.builds(
                lambda ids: {"only": ids},
                st.lists(st.sampled_from([row.offer_id for row in FILED.rows]), min_size=1, unique=True),
            ),
            st.builds(lambda yuan: {"cap_yuan": yuan}, st.integers(0, 400)),
            st.builds(lambda yuan: {"order_cap_yuan": yuan}, st.integers(0, 400)),
            st.builds(lambda percent: {"cap_margin_share": percent / 100}, st.integers(0, 100)),
        ),
    }
)


@UNTIMED
@given(case=CASES, score=SCORES, rules=st.lists(RULES, min_size=1, max_size=3))
def test_one_rule_more_never_lets_the_shop_give_more(case: Case, score: Score, rules: list[dict[str, Any]]) -> None:
    fewer, more = ruled(*rules[:-1]), ruled(*rules)
    assert more.allowance(case).left_fen <= fewer.allowance(case).left_fen
    before = {each.offer_id: each.offer for each in fewer.quote(case, score)}
    for each in more.quote(case, score):
        if each.offer is not None:
            allowed = before[each.offer_id]
            assert allowed is not None
            assert each.offer.reserve_fen <= allowed.reserve_fen


@UNTIMED
@given(case=CASES, score=SCORES, rules=st.lists(RULES, min_size=1, max_size=3))
def test_the_order_of_the_rules_changes_no_amount(case: Case, score: Score, rules: list[dict[str, Any]]) -> None:
    there, back = ruled(*rules), ruled(*reversed(rules))
    assert there.allowance(case).left_fen == back.allowance(case).left_fen
    amounts = [
        {each.offer_id: each.offer.reserve_fen if each.offer else None for each in engine.quote(case, score)}
        for engine in (there, back)
    ]
    assert amounts[0] == amounts[1]
