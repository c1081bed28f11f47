"""A proposal is for keeping an order as it was: it ends with the order, wherever that happened."""

from __future__ import annotations

from dataclasses import replace

from retention.hearing import Reason
from retention.offer import GrantState
from retention.order import Line, Order, Stage
from tests.unit.counter import Counter, order

MILL = Line(sku="sku-1", title="破壁豆浆机", category="家电", qty=1, unit_price_fen=30_000, unit_cost_fen=18_000)
NUTS = Line(sku="sku-2", title="每日坚果礼盒", category="食品", qty=1, unit_price_fen=12_000, unit_cost_fen=8_000)


def offered(of: Order) -> Counter:
    """With an offer on the table of conv-1."""
    counter = Counter(of)
    counter.say("发货太慢了不要了", "cancel_order", Reason.LOGISTICS)
    assert counter.decision().outcome == "offered"
    return counter


def test_an_order_cancelled_in_another_conversation_takes_its_offer_along() -> None:
    counter = offered(order(late_hours=30))
    counter.open("conv-2")
    counter.say("直接取消", "leave_now")
    assert counter.order().stage is Stage.CANCELLED
    assert [grant.state for grant in counter.grants()] == [GrantState.DECLINED]
    counter.conversation_id = "conv-1"
    counter.say("接受方案", "accept_offer")
    assert counter.decision().outcome == "offer_gone"
    assert counter.grants()[0].state is GrantState.DECLINED


def test_an_offer_for_an_order_the_shop_has_cancelled_is_no_money() -> None:
    counter = offered(order(late_hours=30))
    counter.put(replace(counter.order(), stage=Stage.CANCELLED))
    reply = counter.say("接受方案", "accept_offer")
    assert [grant.state for grant in counter.grants()] == [GrantState.EXPIRED]
    assert "已经结束" in reply.bubbles[0].text
    assert counter.care() == []


def test_a_part_that_goes_takes_the_offer_for_the_whole_along() -> None:
    counter = offered(order(late_hours=30, lines=(MILL, NUTS), paid_fen=42_000))
    counter.open("conv-2")
    counter.say("坚果不要了，豆浆机照发", "cancel_order")
    counter.say("确认", "affirm")
    assert [line.sku for line in counter.order().lines] == ["sku-1"]
    assert [grant.state for grant in counter.grants()] == [GrantState.DECLINED]


def test_a_part_is_not_paid_back_once_money_was_given_for_the_whole() -> None:
    counter = offered(order(late_hours=30, lines=(MILL, NUTS), paid_fen=42_000))
    counter.open("conv-2")
    counter.say("坚果不要了，豆浆机照发", "cancel_order")
    counter.conversation_id = "conv-1"
    counter.say("接受方案", "accept_offer")
    assert [grant.state for grant in counter.grants()] == [GrantState.ISSUED]
    counter.conversation_id = "conv-2"
    counter.say("确认", "affirm")
    assert counter.decision().rule == "part_after_grant"
    assert [line.sku for line in counter.order().lines] == ["sku-1", "sku-2"]
