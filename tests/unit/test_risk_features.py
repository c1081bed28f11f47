"""Laws of every feature, and what the features read."""

from __future__ import annotations

import copy
import math
import random
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention.case import Case
from retention.customer import Customer
from retention.event import Event
from retention.hearing import Emotion, Reason
from retention.order import Stage
from risk.feature import Dimension, Feature
from risk.features import FEATURES, names, vector
from tests.unit.risk_cases import (
    BARE,
    CASES,
    CUSTOMER,
    LATE,
    NOW,
    PUNCTUAL,
    UNSHIPPED,
    after,
    ago,
    event,
    order,
    saying,
)

each_feature = pytest.mark.parametrize("feature", FEATURES.values(), ids=names)


@given(case=CASES)
def test_every_feature_is_finite_and_never_negative_whatever_the_records_hold(case: Case) -> None:
    assert list(vector(case)) == list(names)
    assert all(math.isfinite(value) and value >= 0 for value in vector(case).values())


@given(case=CASES)
def test_every_feature_is_pure(case: Case) -> None:
    before = copy.deepcopy(case)
    assert vector(case) == vector(case)
    assert repr(case) == repr(before)


@given(case=CASES, seed=st.integers(0, 10**6))
def test_no_feature_depends_on_the_order_of_the_events(case: Case, seed: int) -> None:
    shuffled = list(case.events)
    random.Random(seed).shuffle(shuffled)
    assert vector(replace(case, events=tuple(shuffled))) == vector(case)


@given(case=CASES, hours=st.floats(min_value=0.01, max_value=1000))
def test_no_feature_sees_the_future(case: Case, hours: float) -> None:
    later = tuple(
        replace(told, event_id=f"later {told.event_id}", at=NOW + timedelta(hours=hours)) for told in case.events
    )
    assert vector(replace(case, events=(*case.events, *later))) == vector(case)


@given(case=CASES)
def test_no_feature_reads_events_of_another_order(case: Case) -> None:
    others = tuple(replace(told, event_id=f"other {told.event_id}", order_no="another") for told in case.events)
    assert vector(replace(case, events=(*case.events, *others))) == vector(case)


def test_a_bare_order_of_a_stranger_has_every_feature() -> None:
    assert set(vector(BARE)) == set(names)


@each_feature
@pytest.mark.parametrize("value", [0.0, 0.004, 0.2, 0.5, 1.0, 2.0, 62.7, 1e6])
def test_every_feature_has_chinese_words_for_every_value(feature: Feature, value: float) -> None:
    words = feature.words(value)
    assert re.search("[一-鿿]", words), words
    assert not re.search("[{}]", words), words


@each_feature
def test_every_feature_names_the_risk_node_it_speaks_for(feature: Feature) -> None:
    assert re.fullmatch(r"[a-z]+\.[a-z_]+", feature.node)
    assert re.fullmatch(r"[a-z_]+", feature.name)


def test_no_two_features_share_a_node() -> None:
    assert len({each.node for each in FEATURES.values()}) == len(FEATURES)


def test_every_dimension_is_looked_at() -> None:
    assert {each.dimension for each in FEATURES.values()} == set(Dimension)
    assert len(Dimension) >= 15
    assert len(FEATURES) >= 60


def test_words_round_down_so_that_nothing_is_overstated() -> None:
    assert FEATURES["late_hours"].words(62.9) == "承诺送达已超过 2 天 14 小时"
    assert FEATURES["own_drop"].words(1 - 0.8) == "本店同款下单后降价 20%"
    assert FEATURES["service_wait_minutes"].words(0.5) == "等客服等了 不到 1 分钟"


def test_lateness_counts_from_the_promise_until_the_parcel_is_there() -> None:
    arrived = replace(LATE, order=replace(LATE.order, stage=Stage.DELIVERED, delivered_at=ago(1)))
    assert vector(LATE)["late_hours"] == 60
    assert vector(PUNCTUAL)["late_hours"] == 0
    assert vector(arrived)["late_hours"] == 0


def test_a_broken_dispatch_promise_counts_only_while_the_order_waits() -> None:
    waiting = replace(UNSHIPPED, order=replace(UNSHIPPED.order, promised_ship_at=ago(30)))
    assert vector(waiting)["dispatch_late_hours"] == 30
    assert vector(LATE)["dispatch_late_hours"] == 0


def test_a_moving_parcel_is_silent_since_its_last_scan() -> None:
    scanned = after(PUNCTUAL, event("fulfilment.scanned", 30), event("fulfilment.scanned", 8))
    assert vector(PUNCTUAL)["silent_hours"] == 40
    assert vector(scanned)["silent_hours"] == 8


def test_a_price_drop_is_measured_against_what_was_paid_and_only_after_the_order() -> None:
    cheaper = after(PUNCTUAL, event("price.changed", 5, sku="shoe", price_fen=31_920, source="own"))
    before = after(PUNCTUAL, event("price.changed", 90, sku="shoe", price_fen=31_920, source="own"))
    restored = after(cheaper, event("price.changed", 2, sku="shoe", price_fen=39_900, source="own"))
    discounted = replace(cheaper, order=order(paid_fen=31_920))
    assert vector(cheaper)["own_drop"] == pytest.approx(0.2)
    assert [vector(case)["own_drop"] for case in (before, restored, discounted)] == [0, 0, pytest.approx(0)]
    assert vector(cheaper)["competitor_drop"] == 0


def test_missing_stock_matters_for_the_variant_bought_and_before_dispatch() -> None:
    bought = replace(UNSHIPPED, order=replace(UNSHIPPED.order, attributes={"variant": "黑色 42"}))
    mine, another = (
        after(bought, event("stock.changed", 24, sku="shoe", variant=variant, available=False, restock_days=6))
        for variant in ("黑色 42", "白色 40")
    )
    assert (vector(mine)["out_of_stock"], vector(mine)["restock_wait_days"]) == (1, 5)
    assert vector(another)["out_of_stock"] == 0
    assert vector(replace(mine, order=order(attributes={"variant": "黑色 42"})))["out_of_stock"] == 0


def test_an_unknown_restock_day_is_not_made_up() -> None:
    gone = after(UNSHIPPED, event("stock.changed", 24, sku="shoe", available=False))
    assert (vector(gone)["out_of_stock"], vector(gone)["restock_wait_days"]) == (1, 0)


@pytest.mark.parametrize("intent", ["cancel_order", "request_refund"])
def test_asking_to_leave_is_heard_from_the_goal_the_conversation_or_a_phone_call(intent: str) -> None:
    by_phone = after(PUNCTUAL, event("service.asked_cancel"))
    for case in (saying(PUNCTUAL, intent), replace(PUNCTUAL, goal=intent), by_phone):
        assert vector(case)["asked_to_leave"] == 1
    assert vector(saying(PUNCTUAL, "track_order"))["asked_to_leave"] == 0


def test_keeping_the_order_takes_the_wish_to_leave_back() -> None:
    kept = replace(saying(saying(PUNCTUAL, "cancel_order"), "keep_order"), goal=None)
    assert vector(kept)["asked_to_leave"] == 0


def test_reasons_the_desk_only_guessed_are_no_complaint() -> None:
    guessed = replace(saying(PUNCTUAL, "cancel_order"), reasons=(Reason.LOGISTICS,))
    assert vector(guessed)["troubles_raised"] == 0
    assert vector(saying(PUNCTUAL, "delivery_delay"))["troubles_raised"] == 1
    assert vector(saying(PUNCTUAL, "cancel_order", Reason.PRICE, Reason.SERVICE))["troubles_raised"] == 2


def test_a_mood_fades_when_three_calm_messages_follow() -> None:
    angry = saying(PUNCTUAL, "delivery_delay", emotion=Emotion.ANGRY, intensity=0.8, sentiment=-0.7)
    calmed = saying(saying(saying(angry, "track_order"), "ask_policy"), "thank")
    assert (vector(angry)["anger"], vector(angry)["low_mood"]) == (0.8, 0.7)
    assert (vector(calmed)["anger"], vector(calmed)["low_mood"]) == (0, 0)


def test_a_stranger_has_no_habit_of_cancelling() -> None:
    habitual = Customer(customer_id="C1", lifetime_orders=8, cancelled_orders=4)
    assert vector(replace(PUNCTUAL, customer=Customer(customer_id="C1")))["cancel_rate"] == 0
    assert vector(replace(PUNCTUAL, customer=habitual))["cancel_rate"] == pytest.approx(0.42)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("returns_pages", event("behaviour.viewed", page="returns")),
        ("goods_pages", event("behaviour.viewed", page="goods")),
        ("cart_adds", event("behaviour.cart_added")),
        ("payment_bounces", event("behaviour.payment_bounced")),
        ("payment_failures", event("payment.failed")),
        ("address_changes", event("behaviour.address_changed")),
        ("asked_returns", event("behaviour.asked_returns")),
        ("complaints", event("service.complained")),
        ("searches", event("behaviour.searched", words="同款")),
        ("price_comparisons", event("behaviour.price_compared", source="competitor")),
        ("review_pages", event("behaviour.viewed", page="reviews")),
        ("tracking_pages", event("behaviour.viewed", page="logistics")),
        ("favourites", event("behaviour.favourited")),
        ("cart_removals", event("behaviour.cart_removed")),
        ("coupon_claims", event("behaviour.coupon_claimed")),
        ("method_changes", event("payment.method_changed")),
        ("questions", event("service.consulted", topic="price")),
        ("policy_questions", event("service.consulted", topic="policy")),
        ("logistics_questions", event("service.consulted", topic="logistics")),
        ("unanswered_questions", event("service.consulted")),
        ("transfers", event("service.transferred")),
        ("delivery_failures", event("fulfilment.delivery_failed")),
    ],
)
def test_what_shoppers_do_is_counted(name: str, told: Event) -> None:
    twice = after(PUNCTUAL, told, replace(told, event_id="again"))
    assert vector(PUNCTUAL)[name] == 0
    assert vector(twice)[name] == 2


@pytest.mark.parametrize(
    "kind",
    [
        "behaviour.searched",
        "behaviour.price_compared",
        "behaviour.favourited",
        "service.consulted",
        "payment.method_changed",
    ],
)
def test_what_happened_before_the_order_says_nothing_about_it(kind: str) -> None:
    assert vector(after(PUNCTUAL, event(kind, 61))) == vector(PUNCTUAL)


def test_an_answered_question_is_not_unanswered_and_more_answers_than_questions_are_none_missing() -> None:
    asked, answered = event("service.consulted", 3), event("service.answered", 2, seconds=240)
    assert vector(after(PUNCTUAL, asked))["unanswered_questions"] == 1
    assert vector(after(PUNCTUAL, asked, answered))["unanswered_questions"] == 0
    assert vector(after(PUNCTUAL, answered))["unanswered_questions"] == 0
    assert vector(after(PUNCTUAL, answered))["slowest_answer_minutes"] == 4


@pytest.mark.parametrize(("name", "kind"), [("low_rating", "service.rated"), ("low_review", "review.posted")])
@pytest.mark.parametrize(("score", "low"), [(5, 0), (3, 0), (2, 1), (1, 2), (-40, 2), ("bad", 0)])
def test_only_few_stars_count_and_never_more_than_two_below(name: str, kind: str, score: object, low: float) -> None:
    assert vector(after(PUNCTUAL, event(kind, score=score)))[name] == low


def test_the_newest_rating_counts() -> None:
    appeased = after(PUNCTUAL, event("service.rated", 5, score=1), event("service.rated", 2, score=5))
    assert vector(appeased)["low_rating"] == 0


def test_a_second_device_is_one_beside_the_first() -> None:
    phone, laptop = (event("behaviour.logged_in", hours, device=name) for hours, name in ((5, "手机"), (2, "电脑")))
    assert vector(after(PUNCTUAL, phone))["second_devices"] == 0
    assert vector(after(PUNCTUAL, phone, laptop))["second_devices"] == 1
    assert vector(after(PUNCTUAL, event("behaviour.logged_in")))["second_devices"] == 0


def test_another_city_counts_once_and_the_orders_own_not_at_all() -> None:
    moved = [event("behaviour.address_changed", hours, city=city) for hours, city in ((5, "上海市"), (4, "杭州市"))]
    assert vector(after(PUNCTUAL, *moved, event("behaviour.address_changed", 3)))["other_cities"] == 1


def test_a_hold_and_the_steps_of_the_warehouse_matter_while_the_order_waits_there() -> None:
    told = (
        event("fulfilment.held", 5, hours=30),
        event("fulfilment.picked", 4),
        event("fulfilment.packed", 3),
    )
    waiting, moving = (vector(after(case, *told)) for case in (UNSHIPPED, PUNCTUAL))
    assert [waiting[name] for name in ("held_hours", "is_picked", "is_packed")] == [30, 1, 1]
    assert [moving[name] for name in ("held_hours", "is_picked", "is_packed")] == [0, 0, 0]


def test_a_region_is_late_for_the_orders_that_go_there() -> None:
    ours = event("fulfilment.region_delayed", hours=48, province="浙江省")
    theirs = event("fulfilment.region_delayed", hours=48, province="广东省")
    unnamed = event("fulfilment.region_delayed", hours=48)
    told = [vector(after(PUNCTUAL, each))["region_delay_hours"] for each in (ours, theirs, unnamed)]
    assert told == [48, 0, 48]


def test_the_promise_draws_near_and_is_then_broken() -> None:
    assert (vector(PUNCTUAL)["hours_to_promise"], vector(PUNCTUAL)["late_hours"]) == (20, 0)
    assert (vector(LATE)["hours_to_promise"], vector(LATE)["late_hours"]) == (0, 60)


def test_stock_on_its_way_comforts_only_who_waits_for_it() -> None:
    sent = event("stock.transferred", 2)
    gone = after(UNSHIPPED, event("stock.changed", 24, sku="shoe", available=False))
    assert vector(after(gone, sent))["stock_transferred"] == 1
    assert vector(after(UNSHIPPED, sent))["stock_transferred"] == 0


def test_a_price_that_rose_after_the_order_is_no_drop() -> None:
    dearer = after(PUNCTUAL, event("price.changed", 5, sku="shoe", price_fen=47_880, source="own"))
    elsewhere = after(PUNCTUAL, event("price.changed", 5, sku="shoe", price_fen=47_880, source="competitor"))
    assert vector(dearer)["own_rise"] == pytest.approx(0.2)
    assert vector(dearer)["own_drop"] == 0
    assert vector(elsewhere)["own_rise"] == 0


def test_an_order_is_compared_with_what_its_customer_usually_pays() -> None:
    usual = replace(CUSTOMER, lifetime_orders=4, lifetime_spend_fen=79_800)
    assert vector(replace(PUNCTUAL, customer=usual))["against_usual"] == pytest.approx(2)
    assert vector(PUNCTUAL)["against_usual"] == 0


def test_a_discount_is_the_part_of_the_listed_price_that_was_not_paid() -> None:
    assert vector(replace(PUNCTUAL, order=order(paid_fen=31_920)))["discount"] == pytest.approx(0.2)
    assert vector(PUNCTUAL)["discount"] == 0


def test_leaving_the_payment_page_and_waiting_for_service_count_together() -> None:
    bounced = event("behaviour.payment_bounced")
    both = after(PUNCTUAL, bounced, event("service.waited", seconds=420))
    quick = after(PUNCTUAL, bounced, event("service.waited", seconds=60))
    assert vector(both)["bounced_then_waited"] == 1
    assert vector(both)["service_wait_minutes"] == 7
    assert vector(quick)["bounced_then_waited"] == 0


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("promotion_order", lambda case: replace(case, order=order(promotion_id="sale"))),
        ("live_stream", lambda case: replace(case, order=order(channel="live"))),
        ("night_order", lambda case: replace(case, order=order(placed_at=ago(61.5)))),
        ("is_delivered", lambda case: replace(case, order=order(stage=Stage.DELIVERED, delivered_at=ago(5)))),
        ("awaits_payment", lambda case: replace(case, order=order(stage=Stage.PENDING_PAYMENT))),
        ("instalment", lambda case: after(case, event("payment.instalment"))),
        ("weekend_order", lambda case: replace(case, order=order(placed_at=ago(96)))),
        ("first_order", lambda case: replace(case, customer=replace(CUSTOMER, lifetime_orders=0))),
        ("person_wanted", lambda case: saying(case, "request_human")),
        ("changed_mind", lambda case: saying(case, "cancel_order", Reason.CHANGED_MIND)),
    ],
)
def test_what_an_order_is_shows_in_its_features(name: str, change: Callable[[Case], Case]) -> None:
    punctual = replace(PUNCTUAL, order=order(placed_at=ago(52)))
    assert vector(punctual)[name] == 0
    assert vector(change(punctual))[name] == 1


@pytest.mark.parametrize("rfm", [math.nan, math.inf, -math.inf, -5.0])
def test_a_number_that_is_none_counts_as_zero(rfm: float) -> None:
    assert vector(replace(PUNCTUAL, customer=replace(CUSTOMER, rfm=rfm)))["customer_value"] == 0
