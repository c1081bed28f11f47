"""The kinds of remedy beside price, speed and vouchers: what they give, to whom, and in which words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from compensation.catalog import Authority, Dates, read_catalog
from compensation.engine import Engine
from retention.case import Case
from retention.customer import Customer
from retention.hearing import Reason
from retention.offer import GrantState, Offer
from retention.order import Stage
from retention.risk import Score
from tests.unit.compensation_cases import (
    CATALOG,
    ENGINE,
    HOUR,
    NOW,
    SURE_LOSS,
    case,
    grant_of,
    line,
    offer_of,
    offered,
    order,
    ruled_out,
    stock_event,
)

FILED = read_catalog(CATALOG.read_bytes(), file="catalog.yml")
DELIVERED = order(line(1000), stage=Stage.DELIVERED, delivered_at=NOW - 24 * HOUR)
LINK = "https://pay.example.cn/one-step/A1"


def named(of: Case, offer_id: str, *, by: Authority = Authority.BOT) -> Offer:
    found = {each.offer_id: each for each in ENGINE.quote(of, SURE_LOSS, by=by)}[offer_id]
    assert found.offer is not None, found
    return found.offer


def test_the_way_back_is_insured_before_a_doubted_parcel_arrives() -> None:
    given = named(case(order(), Reason.CHANGED_MIND), "shipping_insurance")
    assert given.pitch == (
        "这单给您加一份运费险：收到后不合适要退，寄回的运费最多赔 12 元，您可以先收下看看。订单照常为您保留，您看可以吗？"
    )
    assert given.why == "考虑到您对这单的想法有变，店铺为这单加一份运费险，退货寄回的运费最多赔 12 元。"
    assert (given.value_fen, given.cost_fen, given.terms) == (1200, 120, {"insurance_fen": 1200})


@pytest.mark.parametrize(
    ("attributes", "rule"), [({"shipping_insurance": True}, "insured_already"), ({"final_sale": True}, "no_return")]
)
def test_no_way_back_is_insured_twice_or_where_there_is_none(attributes: dict[str, object], rule: str) -> None:
    assert ruled_out(case(order(attributes=attributes), Reason.CHANGED_MIND), "shipping_insurance") == rule


def test_dear_goods_of_doubtful_quality_are_exchanged_and_the_postage_is_the_shops() -> None:
    given = offered(case(DELIVERED, Reason.QUALITY))
    assert (given.offer_id, given.reserve_fen) == ("free_exchange", 2000)
    assert given.terms == {"exchange": True, "postage_fen": 2000}
    assert given.pitch == "「纯棉T恤」免费给您换一件新的，来回运费都由店铺承担。您看可以吗？"


@pytest.mark.parametrize(
    ("of", "rule"),
    [
        (case(replace(DELIVERED, attributes={"final_sale": True}), Reason.QUALITY), "no_return"),
        (case(replace(DELIVERED, delivered_at=NOW - timedelta(days=8)), Reason.QUALITY), "no_return"),
        (case(DELIVERED, Reason.QUALITY, events=(stock_event(3),)), "none_to_send"),
        (case(replace(DELIVERED, lines=(line(500), line(500, sku="cap"))), Reason.QUALITY), "several_goods"),
    ],
)
def test_what_cannot_come_back_or_be_sent_again_is_not_exchanged(of: Case, rule: str) -> None:
    assert ruled_out(of, "free_exchange") == rule


def test_the_return_window_of_the_order_counts() -> None:
    late = replace(DELIVERED, delivered_at=NOW - timedelta(days=8), attributes={"return_days": 15})
    assert ruled_out(case(late, Reason.QUALITY), "free_exchange") == "fits"


def test_a_gift_is_named_with_its_worth_and_goes_with_the_parcel() -> None:
    given = named(case(order(line(500), stage=Stage.PENDING_SHIPMENT), Reason.CHANGED_MIND), "gift")
    assert given.pitch == "这单如果保留，随单送您一份运动毛巾（价值 19.9 元），和商品一起寄出。您看可以吗？"
    assert (given.value_fen, given.reserve_fen) == (1990, 800)
    assert given.terms == {"gift_sku": "GIFT-TOWEL", "gift_name": "运动毛巾"}


@pytest.mark.parametrize(
    ("told", "rule"),
    [({"GIFT-TOWEL": 0}, "gift_gone"), ({"GIFT-TOWEL": 1}, "fits"), ({"OTHER": 0}, "fits"), ("many", "fits")],
)
def test_a_gift_the_shop_says_is_gone_is_not_offered(told: object, rule: str) -> None:
    unsent = order(line(500), stage=Stage.PENDING_SHIPMENT, attributes={"gift_stock": told})
    assert ruled_out(case(unsent, Reason.CHANGED_MIND), "gift") == rule


def test_a_payment_that_fails_gets_the_shops_own_short_way_and_costs_nothing() -> None:
    unpaid = order(stage=Stage.PENDING_PAYMENT, attributes={"payment_url": LINK})
    given = offered(case(unpaid, Reason.PAYMENT))
    assert (given.offer_id, given.cost_fen, given.reserve_fen) == ("payment_link", 0, 0)
    assert given.terms == {"payment_url": LINK}
    assert given.pitch == "给您备了这单的一步支付链接，点开就能直接付款。要发给您吗？"


@pytest.mark.parametrize("url", [None, "", "http://pay.example.cn", "javascript:alert(1)", 7])
def test_no_link_is_promised_that_the_shop_did_not_send(url: object) -> None:
    unpaid = order(stage=Stage.PENDING_PAYMENT, attributes={"payment_url": url})
    assert ruled_out(case(unpaid, Reason.PAYMENT), "payment_link") == "no_payment_link"


# --- after a save -------------------------------------------------------------------------------------------------


def test_an_order_that_was_kept_gets_the_care_plan_without_a_question() -> None:
    (given,) = ENGINE.after_save(case(order(), Reason.LOGISTICS))
    assert (given.offer_id, given.cause) == ("care_plan", "kept")
    assert given.terms == {"care_days": 30, "points_times": 2, "points_at_most": 1000, "early_access": True}
    assert given.pitch == (
        "谢谢您把这单留下来，店铺送您 30 天关怀权益：下单积分按 2 倍算（最多多送 1000 分），上新也能提前选购。"
        "会记到您的账户，不用另外领取。"
    )
    assert given.why.startswith("您把这单留了下来，店铺送您 30 天关怀权益：")


def test_the_care_plan_is_never_an_answer_to_a_wish_to_leave() -> None:
    for reason in Reason:
        quoted = ENGINE.quote(case(order(), reason), SURE_LOSS, by=Authority.MANAGER)
        assert "care_plan" not in {each.offer_id for each in quoted}


@pytest.mark.parametrize("state", list(GrantState))
def test_an_order_gets_the_care_plan_once(state: GrantState) -> None:
    of = case(order())
    before = grant_of(offer_of(10, offer_id="care_plan", cause="kept"), to=of, state=state)
    assert ENGINE.after_save(replace(of, grants=(before,))) == ()


def test_who_refused_automated_decisions_is_given_nothing_by_itself() -> None:
    assert ENGINE.after_save(case(order(), customer=Customer(customer_id="c1", opted_out=True))) == ()


@pytest.mark.parametrize("of", [case(order(line(margin=0))), case(order(stage=Stage.CANCELLED))])
def test_the_care_plan_keeps_to_the_caps_and_to_open_orders(of: Case) -> None:
    assert ENGINE.after_save(of) == ()


# --- whose authority, and when ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by", "rule"), [(Authority.BOT, "authority"), (Authority.ASSOCIATE, "authority"), (Authority.MANAGER, "fits")]
)
def test_a_fifth_of_the_price_takes_a_manager(by: Authority, rule: str) -> None:
    quoted = {each.offer_id: each for each in ENGINE.quote(case(DELIVERED, Reason.QUALITY), SURE_LOSS, by=by)}
    assert quoted["partial_refund_by_manager"].rule == rule
    if by is Authority.ASSOCIATE:
        assert quoted["partial_refund_by_manager"].why == "该方案需要主管或管理员发放"


@pytest.mark.parametrize(
    ("begins", "ends", "rule"),
    [
        (date(2025, 11, 22), None, "fits"),
        (date(2025, 11, 23), None, "dates"),
        (None, date(2025, 11, 22), "fits"),
        (None, date(2025, 11, 21), "dates"),
        (date(2025, 11, 1), date(2025, 11, 30), "fits"),
    ],
)
def test_a_row_is_offered_on_its_days_in_china_and_on_no_other(
    begins: date | None, ends: date | None, rule: str
) -> None:
    dated = tuple(replace(row, dates=Dates(begins=begins, ends=ends)) for row in FILED.rows)
    quoted = {
        each.offer_id: each
        for each in Engine(replace(FILED, rows=dated)).quote(case(order(), Reason.LOGISTICS), SURE_LOSS)
    }
    assert quoted["expedite"].rule == rule


def test_a_day_begins_at_midnight_in_china() -> None:
    dated = tuple(replace(row, dates=Dates(begins=date(2025, 11, 23), ends=None)) for row in FILED.rows)
    engine = Engine(replace(FILED, rows=dated))
    of = case(order(), Reason.LOGISTICS)
    evening = replace(of, now=NOW.replace(hour=15, minute=59))
    midnight = replace(of, now=NOW.replace(hour=16, minute=0))
    assert engine.quote(evening, SURE_LOSS)[0].offer is None
    assert engine.quote(midnight, Score(probability=0.9))[0].offer is not None
