"""ask_why: true terms, no accusation, no invention, and a person can always decide instead."""

from __future__ import annotations

from datetime import timedelta

import pytest

from retention.hearing import Reason
from retention.kin import TieKind
from retention.moves.explain import UNDER_THE_RULES, UNTOLD
from retention.order import Stage
from retention.reply import Bubble
from tests.unit.counter import KINDRED, NOW, Counter, order, price

ACCUSING = ("薅", "恶意", "骗", "异常", "多个账号", "设备", "电话", "频繁", "怀疑", "风险")


def why(counter: Counter, text: str = "为什么") -> tuple[str, list[Bubble]]:
    bubbles = counter.say(text, "ask_why").bubbles
    return "".join(bubble.text for bubble in bubbles), list(bubbles)


def late() -> Counter:
    counter = Counter(order(stage=Stage.IN_TRANSIT, late_hours=30))
    counter.say("太慢了我要退", "request_refund", Reason.LOGISTICS)
    return counter


def buttons(bubbles: list[Bubble]) -> set[str]:
    return {button.text for bubble in bubbles for button in bubble.buttons}


def test_the_terms_on_the_table_are_told_with_their_end_and_the_ways_out() -> None:
    counter = late()
    [grant] = counter.grants()
    text, bubbles = why(counter)
    assert grant.offer.why in text
    assert "5 元原路退回" in text
    assert "加急" in text
    assert "11 月 21 日 12:00 前" in text
    assert "只补一次" in text
    assert {"接受方案", "转人工"} <= buttons(bubbles)


def test_the_threshold_of_a_coupon_is_told() -> None:
    dear = order(stage=Stage.PENDING_SHIPMENT, paid_fen=200_000)
    counter = Counter(dear, rfm=70.0)
    counter.say("不想要了，取消", "cancel_order", Reason.CHANGED_MIND)
    [grant] = counter.grants()
    assert grant.offer.kind == "coupon"
    assert "满 500 元可用" in why(counter)[0]


def test_what_was_accepted_is_told_as_done() -> None:
    counter = late()
    counter.say("接受方案", "accept_offer")
    text, bubbles = why(counter)
    assert "已经生效" in text
    assert "接受方案" not in buttons(bubbles)


def test_an_offer_that_ran_out_is_not_told_as_open() -> None:
    counter = late()
    counter.now = NOW + timedelta(hours=30)
    text, bubbles = why(counter)
    assert "失效" in text
    assert buttons(bubbles) == {"转人工"}


@pytest.mark.parametrize("attributes", [{}, {"expedited": True}])
def test_who_is_withheld_money_hears_the_truth_and_no_accusation(attributes: dict[str, object]) -> None:
    counter = Counter(order(stage=Stage.IN_TRANSIT, late_hours=30, attributes=attributes))
    with counter.store.transaction() as records:
        for number in range(3):
            KINDRED.see_device(records, f"other-{number}", "device-1", at=NOW)
        KINDRED.see_device(records, "c-1", "device-1", at=NOW)
    reply = counter.say("太慢了我要退", "request_refund", Reason.LOGISTICS)
    assert counter.grants() == []
    said = "".join(bubble.text for bubble in reply.bubbles)
    text, bubbles = why(counter)
    assert not [word for word in ACCUSING if word in said + text]
    assert (UNDER_THE_RULES in text) is bool(attributes)  # what can be hurried is hurried instead
    assert ("抱歉" in said) is bool(attributes)
    assert "转人工" in buttons(bubbles)


def test_a_withheld_late_parcel_is_hurried_without_money() -> None:
    counter = Counter(order(stage=Stage.IN_TRANSIT, late_hours=30))
    with counter.store.transaction() as records:
        for customer in ("other-1", "other-2", "other-3", "c-1"):
            KINDRED.see_device(records, customer, "device-1", at=NOW)
    counter.say("太慢了我要退", "request_refund", Reason.LOGISTICS)
    assert counter.decision().rule == "expedite_free"
    counter.say("好，帮我催", "affirm")
    assert counter.order().attributes.get("expedited")
    assert counter.grants() == []


def test_the_phone_of_the_order_counts_from_the_first_conversation_on() -> None:
    counter = Counter(order(stage=Stage.IN_TRANSIT, late_hours=30))
    counter.say("到哪了", "track_order")
    with counter.store.transaction() as records:
        kinds = {tie.kind for tie in records.kinship.around("c-1", since=NOW)}
    assert kinds == {TieKind.PHONE, TieKind.ADDRESS}


def test_a_score_is_never_given_as_the_reason() -> None:
    counter = Counter(order(stage=Stage.IN_TRANSIT, late_hours=30))
    counter.say("怎么还没到", "delivery_delay", Reason.LOGISTICS)
    counter.say("算了，不要方案", "decline_offer")
    text = why(counter)[0] + why(counter, "到底为什么")[0]
    assert counter.decision().outcome == "explained"
    assert not [word for word in (*ACCUSING, "阈值", "相似") if word in text]


def test_fix_first_is_told_as_the_reason_there_is_no_money() -> None:
    assert "改一下订单" in UNTOLD["fix_first"]


def test_a_rule_nobody_taught_to_explain_itself_is_the_shops_business() -> None:
    for rule in ("guard:instant_cancel", "hold_out", "cap_customer", "something_new"):
        assert rule not in UNTOLD
    assert not [word for word in ACCUSING if word in UNDER_THE_RULES + "".join(UNTOLD.values())]


@pytest.mark.parametrize(
    ("intent", "reason"),
    [("cancel_order", Reason.PRICE), ("price_drop", Reason.PRICE), ("ask_discount", Reason.PRICE)],
)
def test_who_refused_automatic_decisions_is_decided_about_by_a_person(intent: str, reason: Reason) -> None:
    counter = Counter(order(), opted_out=True).events(price(150))
    counter.say("降价了", intent, reason)
    assert counter.decision().rule == "opted_out"
    assert counter.decision().outcome == "handed_off"
    assert counter.grants() == []


def test_what_was_refused_is_kept_for_the_shop_once_a_turn() -> None:
    counter = Counter(order(stage=Stage.IN_TRANSIT)).events(price(190))
    counter.say("降价了补差价", "price_drop", Reason.PRICE, message_id="m-1")
    counter.say("降价了补差价", "price_drop", Reason.PRICE, message_id="m-1")
    with counter.store.transaction() as records:
        [refusal] = records.refusals.recent(NOW - timedelta(days=1), NOW + timedelta(days=1))
    assert refusal.rule == "small_price_drop"
    assert refusal.reasons == ("price",)
    assert refusal.customer_id == "c-1"
