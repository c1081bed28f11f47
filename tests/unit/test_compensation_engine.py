"""What the shipped catalog offers in the cases the shop's rules name."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from compensation.engine import Engine
from retention.customer import Customer
from retention.hearing import Reason
from retention.offer import GrantState, NoOffer, Offer
from retention.order import Stage
from retention.risk import Score
from tests.unit.compensation_cases import (
    CATALOG,
    ENGINE,
    HOUR,
    NOW,
    SURE_LOSS,
    case,
    delay_event,
    elsewhere,
    grant_of,
    line,
    offer_of,
    offered,
    order,
    price_event,
    refused,
    ruled_out,
    stock_event,
)

# --- price --------------------------------------------------------------------------------------------------------


def test_a_price_drop_of_20_percent_gives_the_difference_back() -> None:
    given = offered(case(order(line(200, margin=0.5)), Reason.PRICE, events=(price_event(160),)))
    assert (given.offer_id, given.kind, given.cause, given.reserve_fen) == (
        "price_protection",
        "price_protection",
        "price",
        4000,
    )
    assert given.terms == {"cash_fen": 4000}
    assert given.why == "「纯棉T恤」本店现价 160 元，您付的是 200 元。差价 40 元全部补给您。"


def test_a_200_yuan_order_with_30_percent_margin_gets_30_yuan_of_a_40_yuan_difference_and_is_told_so() -> None:
    given = offered(case(order(line(200, margin=0.3)), Reason.PRICE, events=(price_event(160),)))
    assert (given.value_fen, given.cost_fen, given.reserve_fen) == (3000, 3000, 3000)
    assert "差价一共 40 元，按店铺规则这次能补其中的 30 元" in given.pitch


def test_a_difference_that_could_be_covered_by_less_than_a_quarter_is_not_offered_in_part() -> None:
    of = case(order(line(200, margin=0.1)), Reason.PRICE, events=(price_event(120),))
    assert ruled_out(of, "price_protection") == "cap_order"


@pytest.mark.parametrize(
    ("now_yuan", "expected"), [(180, "small_price_drop"), (170.01, "small_price_drop"), (170, "fits")]
)
def test_price_protection_starts_at_a_drop_of_15_percent(now_yuan: float, expected: str) -> None:
    of = case(order(line(200, margin=0.5)), Reason.PRICE, events=(price_event(now_yuan),))
    assert ruled_out(of, "price_protection") == expected


def test_a_drop_of_10_percent_is_told_in_the_reason() -> None:
    of = case(order(), Reason.PRICE, events=(price_event(180),))
    whys = {each.offer_id: each.why for each in ENGINE.quote(of, SURE_LOSS)}
    assert whys["price_protection"] == "降幅 10%，未到保价要求的 15%"


def test_a_cheaper_competitor_counts_and_is_named_as_one() -> None:
    given = offered(case(order(line(200, margin=0.5)), Reason.PRICE, events=(price_event(160, source="competitor"),)))
    assert "其他商家现价 160 元" in given.why


def test_the_difference_is_paid_for_every_piece() -> None:
    given = offered(case(order(line(200, margin=0.5, qty=3)), Reason.PRICE, events=(price_event(160),)))
    assert given.reserve_fen == 3 * 4000
    assert "每件现价 160 元" in given.why


def test_the_difference_is_counted_from_what_was_paid_after_the_orders_discount() -> None:
    discounted = order(line(200, margin=0.6), paid_fen=16000)
    assert (
        ruled_out(case(discounted, Reason.PRICE, events=(price_event(150),)), "price_protection") == "small_price_drop"
    )
    assert offered(case(discounted, Reason.PRICE, events=(price_event(120),))).reserve_fen == 4000


@pytest.mark.parametrize(
    ("what", "events"),
    [
        ("before the order", (price_event(100, hours_ago=24 * 6),)),
        ("still to come", (price_event(100, hours_ago=-1),)),
        ("of other goods", (price_event(100, sku="cap"),)),
        ("of an unknown seller", (price_event(100, source="rumour"),)),
        ("taken back", (price_event(100, hours_ago=9), price_event(200, hours_ago=2, event_id="q"))),
        ("to nothing, which is a broken report", (price_event(0),)),
    ],
)
def test_a_drop_that_does_not_count_is_no_price_drop(what: str, events: tuple[object, ...]) -> None:
    assert ruled_out(case(order(), Reason.PRICE, events=events), "price_protection") == "no_price_drop"


def test_the_newest_price_counts_in_whatever_order_the_reports_came() -> None:
    reports = [price_event(150, hours_ago=9, event_id="a"), price_event(160, hours_ago=2, event_id="b")]
    same_moment = price_event(140, hours_ago=2, event_id="c")
    of = order(line(200, margin=0.6))
    for events in permutations(reports):
        assert offered(case(of, Reason.PRICE, events=events)).reserve_fen == 4000
    for events in permutations([*reports, same_moment]):
        assert offered(case(of, Reason.PRICE, events=events)).reserve_fen == 6000


def test_a_coupon_answers_price_without_a_drop_when_the_margin_allows_100_yuan() -> None:
    given = offered(case(order(line(1000, margin=0.3)), Reason.PRICE))
    assert (given.offer_id, given.reserve_fen, given.cost_fen) == ("coupon_500_100", 10000, 1500)
    assert given.terms == {"coupon_fen": 10000, "coupon_threshold_fen": 50000}


@pytest.mark.parametrize(("rfm", "threshold_fen"), [(50, 50000), (80, 50000), (80.1, 0), (85, 0)])
def test_only_rfm_above_80_gets_the_coupon_without_a_threshold(rfm: float, threshold_fen: int) -> None:
    given = offered(case(order(line(1000, margin=0.3)), Reason.PRICE, rfm=rfm))
    assert given.terms["coupon_threshold_fen"] == threshold_fen


def test_a_coupon_worth_more_than_half_the_margin_is_over_the_orders_cap() -> None:
    of = case(order(line(200, margin=0.3)), Reason.PRICE)
    coupon = next(each for each in ENGINE.quote(of, SURE_LOSS) if each.offer_id == "coupon_500_100")
    assert (coupon.rule, coupon.why) == ("cap_order", "本单补偿上限 30 元，已占用 0 元，该方案最多要 100 元")


def test_why_a_published_promise_is_not_due_is_told_before_any_nearer_miss() -> None:
    answer = refused(case(order(line(200, margin=0.3)), Reason.PRICE))
    assert answer.rule == "no_price_drop"
    assert answer.catalog_version == ENGINE.version


# --- logistics ----------------------------------------------------------------------------------------------------


def test_too_slow_gets_urged_with_5_yuan_before_any_promise_is_broken() -> None:
    given = offered(case(order(promised_delivery_at=NOW + 30 * HOUR), Reason.LOGISTICS))
    assert (given.offer_id, given.reserve_fen) == ("expedite", 500)
    assert given.terms == {"expedite": True, "cash_fen": 500}
    assert given.why == "您这单承诺 11 月 23 日送达，还在运输中。店铺为您加急催办，并补 5 元。"


def test_an_order_without_any_promise_is_described_by_where_it_is() -> None:
    assert offered(case(order(stage=Stage.PENDING_SHIPMENT), Reason.LOGISTICS)).why.startswith("您这单还没有发货。")


def test_a_parcel_62_hours_late_is_urged_with_5_yuan_and_told_the_promise_in_china_time() -> None:
    given = offered(case(order(promised_delivery_at=NOW - 62.5 * HOUR), Reason.LOGISTICS))
    assert (given.offer_id, given.reserve_fen) == ("expedite", 500)
    assert given.terms == {"expedite": True, "cash_fen": 500}
    assert given.why == "您这单承诺 11 月 19 日送达，已超过 2 天 14 小时。店铺为您加急催办，并补 5 元。"
    late_evening_utc = order(promised_delivery_at=NOW.replace(day=19, hour=18))
    assert offered(case(late_evening_utc, Reason.LOGISTICS)).why.startswith(
        "您这单承诺 11 月 20 日送达，已超过 2 天 12 小时。"
    )


def test_62_hours_late_gets_the_next_day_voucher_when_the_customer_was_urged_often_enough() -> None:
    of = case(order(promised_delivery_at=NOW - 62.5 * HOUR), Reason.LOGISTICS)
    given = offered(elsewhere(of, 16, offer_id="expedite"))
    assert given.offer_id == "next_day_voucher"
    assert given.terms == {"expedite": True, "coupon_fen": 1500, "coupon_threshold_fen": 0}
    assert given.why.startswith("您这单承诺 11 月 19 日送达，已超过 2 天 14 小时。")


@pytest.mark.parametrize(
    ("late_hours", "upgrade", "voucher"),
    [
        (24, "not_late_enough", "not_late_enough"),
        (24.5, "fits", "not_late_enough"),
        (48, "fits", "not_late_enough"),
        (48.5, "fits", "fits"),
    ],
)
def test_before_dispatch_express_starts_above_24_hours_and_the_voucher_above_48(
    late_hours: float, upgrade: str, voucher: str
) -> None:
    late = order(stage=Stage.PENDING_SHIPMENT, promised_delivery_at=NOW - late_hours * HOUR)
    of = case(late, Reason.LOGISTICS)
    assert (ruled_out(of, "express_upgrade"), ruled_out(of, "next_day_voucher")) == (upgrade, voucher)


@pytest.mark.parametrize(("late_hours", "voucher"), [(48, "not_late_enough"), (48.5, "fits")])
@pytest.mark.parametrize("stage", [Stage.IN_TRANSIT, Stage.OUT_FOR_DELIVERY])
def test_a_parcel_on_its_way_cannot_change_carriers_but_its_voucher_starts_above_48_hours_too(
    stage: Stage, late_hours: float, voucher: str
) -> None:
    of = case(order(stage=stage, promised_delivery_at=NOW - late_hours * HOUR), Reason.LOGISTICS)
    assert (ruled_out(of, "express_upgrade"), ruled_out(of, "next_day_voucher")) == ("stage", voucher)


def test_an_unsent_order_announced_30_hours_late_is_upgraded_to_express_when_its_margin_is_worth_8_yuan_more() -> None:
    unsent = order(line(1000, margin=0.3), stage=Stage.PENDING_SHIPMENT)
    given = offered(case(unsent, Reason.LOGISTICS, events=(delay_event(30),)))
    assert (given.offer_id, given.terms["upgrade_carrier"]) == ("express_upgrade", True)
    assert given.why.startswith("您这单物流通知预计晚到 30 小时。")
    small = order(line(200, margin=0.3), stage=Stage.PENDING_SHIPMENT)
    assert offered(case(small, Reason.LOGISTICS, events=(delay_event(30),))).offer_id == "expedite"


def test_a_parcel_announced_30_hours_late_is_urged_however_much_it_is_worth() -> None:
    given = offered(case(order(line(1000, margin=0.3)), Reason.LOGISTICS, events=(delay_event(30),)))
    assert given.offer_id == "expedite"
    assert given.why.startswith("您这单物流通知预计晚到 30 小时。")


def test_the_newest_announcement_counts_and_another_orders_does_not() -> None:
    unsent = order(line(1000, margin=0.3), stage=Stage.PENDING_SHIPMENT)
    better = case(unsent, Reason.LOGISTICS, events=(delay_event(60, hours_ago=9), delay_event(3, hours_ago=1)))
    assert offered(better).offer_id == "expedite"
    elsewhere_late = case(unsent, Reason.LOGISTICS, events=(delay_event(60, order_no="B7"),))
    assert offered(elsewhere_late).offer_id == "expedite"


def test_late_dispatch_counts_for_express_but_not_as_a_broken_delivery() -> None:
    unsent = order(line(1000, margin=0.3), stage=Stage.PENDING_SHIPMENT, promised_ship_at=NOW - 60 * HOUR)
    of = case(unsent, Reason.LOGISTICS)
    given = offered(of)
    assert given.offer_id == "express_upgrade"
    assert given.why.startswith("您这单承诺 11 月 20 日发货，已超过 2 天 12 小时。")
    assert ruled_out(of, "next_day_voucher") == "not_late_enough"


def test_a_delivered_parcel_is_not_urged_but_its_postage_may_go_back() -> None:
    of = case(order(stage=Stage.DELIVERED, shipping_yuan=8), Reason.LOGISTICS)
    given = offered(of)
    assert (given.offer_id, given.terms) == ("shipping_refund", {"cash_fen": 800})
    assert given.why == "针对这单配送上的问题，店铺退回这单的 8 元运费。"


def test_no_postage_was_paid_so_none_goes_back() -> None:
    assert ruled_out(case(order(stage=Stage.DELIVERED), Reason.LOGISTICS), "shipping_refund") == "no_postage"


# --- goods and the rest -------------------------------------------------------------------------------------------


def test_doubtful_quality_on_delivered_goods_gets_a_tenth_back() -> None:
    given = offered(case(order(stage=Stage.DELIVERED), Reason.QUALITY))
    assert (given.offer_id, given.reserve_fen) == ("partial_refund", 2000)
    assert given.pitch == "商品您留着用，不用寄回。退您货款的 10%，共 20 元，原路退回。您看可以吗？"


def test_a_thin_margin_makes_the_refund_smaller_and_says_so() -> None:
    of = case(order(line(200, margin=0.18), stage=Stage.DELIVERED), Reason.QUALITY)
    given = offered(of, Score(probability=1.0))
    assert given.reserve_fen == 1800
    assert "货款的 10% 是 20 元，按店铺规则这次能退其中的 18 元" in given.pitch


def test_doubtful_quality_before_delivery_gets_the_way_back_insured_and_no_money() -> None:
    given = offered(case(order(), Reason.QUALITY))
    assert (given.offer_id, given.terms) == ("shipping_insurance", {"insurance_fen": 1200})
    assert (given.value_fen, given.cost_fen, given.reserve_fen) == (1200, 120, 120)


def test_goods_back_within_7_days_are_reserved_at_10_percent_off_with_a_countdown() -> None:
    given = offered(case(order(stage=Stage.PENDING_SHIPMENT), Reason.STOCK, events=(stock_event(3),)))
    assert (given.offer_id, given.reserve_fen) == ("deposit_discount", 2000)
    assert given.terms == {"deposit_percent": 10}
    assert given.why == "「纯棉T恤」预计 11 月 25 日到货，还有 3 天。愿意等货的订单享 9 折，省 20 元。"


@pytest.mark.parametrize(
    ("what", "event", "rule"),
    [
        ("a week", stock_event(7), "fits"),
        ("eight days", stock_event(8), "restock_too_far"),
        ("ten days, told four days ago", stock_event(10, hours_ago=96), "fits"),
        ("a day that went by", stock_event(3, hours_ago=96), "no_restock_date"),
        ("no date", stock_event(None), "no_restock_date"),
        ("back already", stock_event(3, available=True), "nothing_awaited"),
        ("another colour", stock_event(3, variant="红"), "nothing_awaited"),
    ],
)
def test_restock(what: str, event: object, rule: str) -> None:
    of = case(order(stage=Stage.PENDING_SHIPMENT, attributes={"variant": "黑"}), Reason.STOCK, events=(event,))
    assert ruled_out(of, "deposit_discount") == rule


def test_a_change_of_mind_on_a_small_order_gets_points() -> None:
    given = offered(case(order(), Reason.CHANGED_MIND))
    assert (given.offer_id, given.terms, given.cost_fen, given.reserve_fen) == ("points", {"points": 500}, 300, 500)


def test_without_a_reason_only_generic_rows_are_candidates() -> None:
    of = case(order(line(1000)))
    assert {each.offer_id for each in ENGINE.quote(of, SURE_LOSS)} == {
        "points",
        "coupon_500_100",
        "coupon_500_100_high_value",
    }
    assert offered(of).cause == "general"


@pytest.mark.parametrize("reason", [Reason.MISTAKE, Reason.SIZE])
def test_what_can_be_fixed_is_not_paid_for(reason: Reason) -> None:
    assert refused(case(order(line(5000)), reason)).rule == "fix_first"


def test_a_fixable_reason_does_not_hide_another_that_money_answers() -> None:
    assert offered(case(order(), Reason.MISTAKE, Reason.LOGISTICS)).cause == "logistics"


# --- who, when and how often --------------------------------------------------------------------------------------


def test_who_refused_automated_decisions_gets_none() -> None:
    of = case(order(), Reason.LOGISTICS, customer=Customer(customer_id="c1", opted_out=True))
    assert refused(of).rule == "opted_out"
    assert {each.rule for each in ENGINE.quote(of, SURE_LOSS)} == {"opted_out"}


@pytest.mark.parametrize("stage", [Stage.CLOSED, Stage.CANCELLED])
def test_an_ended_order_gets_nothing(stage: Stage) -> None:
    assert refused(case(order(stage=stage), Reason.LOGISTICS)).rule == "ended"


def test_one_round_by_default_and_two_when_the_shop_says_so() -> None:
    second = case(order(), Reason.LOGISTICS, rounds=1)
    assert refused(second).rule == "rounds"
    twice = Engine.from_file(CATALOG, max_rounds=2)
    assert isinstance(twice.decide(second, SURE_LOSS), Offer)
    assert isinstance(twice.decide(replace(second, rounds=2), SURE_LOSS), NoOffer)


def test_an_order_without_margin_is_told_apart_from_a_full_cap() -> None:
    assert refused(case(order(line(200, margin=0)), Reason.LOGISTICS)).rule == "no_margin"


def test_an_order_that_will_hardly_be_lost_is_not_worth_an_offer() -> None:
    assert refused(case(order(), Reason.LOGISTICS), Score(probability=0.05)).rule == "not_worth_it"


@pytest.mark.parametrize(("probability", "rule"), [(0.499, "not_worth_it"), (0.5, "not_worth_it"), (0.502, "fits")])
def test_an_offer_must_save_more_than_it_costs_not_as_much(probability: float, rule: str) -> None:
    of = case(order(line(100, margin=0.2)), Reason.LOGISTICS)
    quoted = {each.offer_id: each.rule for each in ENGINE.quote(of, Score(probability=probability))}
    assert quoted["expedite"] == rule


@pytest.mark.parametrize("state", list(GrantState))
def test_an_order_is_remedied_once_for_a_cause_whatever_became_of_it(state: GrantState) -> None:
    of = case(order(line(1000)), Reason.LOGISTICS)
    before = grant_of(offer_of(1, cause="logistics"), to=of, state=state)
    assert refused(replace(of, grants=(before,))).rule == "given_before"


def test_the_same_row_is_not_offered_twice_for_an_order() -> None:
    of = case(order(), Reason.OTHER)
    before = grant_of(offer_of(5, offer_id="points", cause="service"), to=of, state=GrantState.DECLINED)
    assert ruled_out(replace(of, grants=(before,)), "points") == "given_before"


def test_a_second_reason_may_still_be_answered() -> None:
    of = case(order(line(1000)), Reason.LOGISTICS, Reason.CHANGED_MIND)
    before = grant_of(offer_of(5, cause="logistics"), to=of)
    assert offered(replace(of, grants=(before,))).cause == "changed_mind"


@pytest.mark.parametrize(
    ("state", "rule"),
    [(GrantState.ISSUED, "cap_order"), (GrantState.PROPOSED, "cap_order"), (GrantState.DECLINED, "fits")],
)
def test_what_the_order_was_given_counts_towards_its_cap(state: GrantState, rule: str) -> None:
    of = case(order(), Reason.LOGISTICS)
    before = grant_of(offer_of(26), to=of, state=state)
    assert ruled_out(replace(of, grants=(before,)), "expedite") == rule


def test_a_customer_who_had_300_yuan_in_30_days_gets_no_more() -> None:
    of = case(order(), Reason.LOGISTICS)
    assert refused(elsewhere(of, 298)).rule == "rule_everyday_customers"
    assert offered(elsewhere(of, 295)).reserve_fen == 500
    assert refused(elsewhere(of, 298, days_ago=30)).rule == "rule_everyday_customers"
    assert offered(elsewhere(of, 298, days_ago=30.01)).reserve_fen == 500


def test_a_high_value_customer_never_has_more_than_500_yuan() -> None:
    of = case(order(), Reason.LOGISTICS, rfm=85)
    assert offered(elsewhere(of, 495)).reserve_fen == 500
    assert refused(elsewhere(of, 495.01)).rule == "rule_high_value"


def test_price_protection_shrinks_to_what_is_left_of_the_500_yuan() -> None:
    of = case(order(line(5000, margin=0.5)), Reason.PRICE, rfm=85, events=(price_event(4200),))
    given = offered(elsewhere(of, 200))
    assert (given.offer_id, given.reserve_fen) == ("price_protection", 30000)


def test_a_row_has_its_own_cap_for_a_customer() -> None:
    of = case(order(), Reason.LOGISTICS)
    assert ruled_out(elsewhere(of, 16, offer_id="expedite"), "expedite") == "cap_offer_customer"
    assert ruled_out(elsewhere(of, 15, offer_id="expedite"), "expedite") == "fits"


def test_the_offer_that_saves_the_most_margin_wins_and_the_quote_ranks_the_others() -> None:
    late = order(stage=Stage.PENDING_SHIPMENT, shipping_yuan=8, promised_delivery_at=NOW - 60 * HOUR)
    of = case(late, Reason.LOGISTICS)
    ranked = ENGINE.quote(of, SURE_LOSS)
    gains = [each.offer.expected_gain_fen for each in ranked if each.offer]
    assert len(gains) == 4
    assert gains == sorted(gains, reverse=True)
    assert ENGINE.decide(of, SURE_LOSS) == ranked[0].offer
    assert gains[0] == int(0.9 * 0.5 * 6000) - 500


def test_budgets_and_the_cap_window_come_from_the_rows() -> None:
    assert ENGINE.budgets()["coupons"] == 3_000_000
    assert ENGINE.cap_window == timedelta(days=30)


def test_a_person_may_give_what_the_caps_leave_whatever_the_bot_offered_before() -> None:
    assert ENGINE.allowance(case()).left_fen == 3000
    assert ENGINE.allowance(case(rounds=9)).left_fen == 3000
    assert ENGINE.allowance(elsewhere(case(order(line(5000)), rfm=85), 495)).left_fen == 500
    assert ENGINE.allowance(case(order(line(margin=0)))).left_fen == 0


def test_nothing_may_be_given_for_an_order_that_has_ended() -> None:
    ended = ENGINE.allowance(case(order(stage=Stage.CANCELLED)))
    assert (ended.left_fen, ended.why) == (0, "订单已经结束")
