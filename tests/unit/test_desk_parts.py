"""Orders with several goods: each is changed, exchanged, cancelled and returned by itself, and a yes comes first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from retention.conversation import Expecting, Status
from retention.event import Event
from retention.hearing import EntityKind, Reason
from retention.moves.part import part_meant
from retention.offer import GrantState
from retention.order import Line, Order, Stage
from tests.unit.counter import HOUR, NOW, Counter, entity, order, stock

MILL = Line(sku="sku-1", title="破壁豆浆机", category="家电", qty=1, unit_price_fen=30_000, unit_cost_fen=18_000)
NUTS = Line(sku="sku-2", title="每日坚果礼盒 30包", category="食品", qty=1, unit_price_fen=12_000, unit_cost_fen=8_000)
JEANS = Line(sku="sku-3", title="高腰直筒牛仔裤", category="服饰", qty=1, unit_price_fen=16_000, unit_cost_fen=9_000)


def several(*lines: Line, **facts: object) -> Order:
    known = {
        "paid_fen": sum(line.qty * line.unit_price_fen for line in lines),
        "attributes": {"variants": {"sku-3": "深蓝色 M"}},
    }
    return order(lines=lines, **{**known, **facts})  # type: ignore[arg-type]


def told(sku: str, variant: str, **data: object) -> Event:
    return replace(stock(variant, **data), sku=sku, event_id=f"{sku}-{variant}")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "goes"),
    [
        ("这单里的豆浆机不要了，其它照发", ["sku-1"]),
        ("把坚果取消掉，豆浆机留着", ["sku-2"]),
        ("只退裤子，别的留着", ["sku-3"]),
        ("除了豆浆机都取消", ["sku-2", "sku-3"]),
        ("只要豆浆机，其他的不要了", ["sku-2", "sku-3"]),
        ("豆浆机还要的，坚果和牛仔裤退了吧", ["sku-2", "sku-3"]),
        ("坚果，不想要了", ["sku-2"]),
        ("豆浆机和坚果照发，裤子取消", ["sku-3"]),
        ("取消", None),
        ("豆浆机、坚果、裤子都不要了", None),
        ("豆浆机那单取消", None),
        ("别取消坚果", None),
        ("坚果不要取消", None),
        ("豆浆机什么时候到", None),
    ],
)
def test_what_of_an_order_somebody_wants_rid_of(text: str, goes: list[str] | None) -> None:
    meant = part_meant(several(MILL, NUTS, JEANS), text)
    assert (None if meant is None else [line.sku for line in meant.lines]) == goes


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("拍了三件，取消一件", 2),
        ("多拍了两件", 1),
        ("只要一件就行", 1),
        ("数量改成2", 2),
        ("退两盒", 1),
        ("三件都退", None),
        ("取消", None),
        ("改成42码", None),
    ],
)
def test_of_several_pieces_some_may_go(text: str, left: int | None) -> None:
    meant = part_meant(several(replace(NUTS, qty=3)), text)
    assert (None if meant is None else meant.left) == left


def test_one_of_three_goods_is_cancelled_after_a_yes_and_the_rest_is_sent() -> None:
    counter = Counter(several(MILL, NUTS, JEANS))
    reply = counter.say("坚果不要了，其它照发", "cancel_order")
    assert "每日坚果礼盒" in reply.bubbles[0].text
    assert "120 元" in reply.bubbles[0].text
    assert len(counter.order().lines) == 3, "nothing is written before the yes"
    counter.say("确认", "affirm")
    after = counter.order()
    assert [line.sku for line in after.lines] == ["sku-1", "sku-3"]
    assert (after.stage, after.paid_fen) == (Stage.PENDING_SHIPMENT, 46_000)
    assert counter.decision().outcome == "part_cancelled"


def test_a_yes_that_repeats_the_wish_takes_the_part_and_not_the_order() -> None:
    counter = Counter(several(MILL, NUTS))
    counter.say("坚果不要了，豆浆机照发", "cancel_order")
    counter.say("对，取消吧", "cancel_order")
    assert counter.order().stage is Stage.PENDING_SHIPMENT
    assert [line.sku for line in counter.order().lines] == ["sku-1"]


def test_who_insists_on_a_part_does_not_lose_the_whole() -> None:
    counter = Counter(several(MILL, NUTS, late_hours=30))
    counter.say("发货太慢不要了", "cancel_order", Reason.LOGISTICS)
    assert counter.decision().outcome == "offered"
    counter.say("那坚果不要了，豆浆机留着", "cancel_order")
    assert counter.order().stage is Stage.PENDING_SHIPMENT
    assert counter.grants()[0].state is GrantState.DECLINED, "measured by the whole order"
    counter.say("确认", "affirm")
    assert [line.sku for line in counter.order().lines] == ["sku-1"]


def test_after_an_offer_a_yes_that_repeats_the_wish_takes_no_more_than_the_part() -> None:
    counter = Counter(several(MILL, NUTS, late_hours=30))
    counter.say("发货太慢不要了", "cancel_order", Reason.LOGISTICS)
    counter.say("就坚果不要了，豆浆机还要", "cancel_order")
    counter.say("对，取消", "cancel_order")
    assert counter.order().stage is Stage.PENDING_SHIPMENT
    assert [line.sku for line in counter.order().lines] == ["sku-1"]


@pytest.mark.parametrize("text", ["整单都不要了", "全部取消吧"])
def test_asked_about_a_part_the_shopper_may_still_leave_altogether(text: str) -> None:
    counter = Counter(several(MILL, NUTS))
    counter.say("坚果不要了，豆浆机照发", "cancel_order")
    counter.say(text, "cancel_order")
    if counter.order().stage is Stage.PENDING_SHIPMENT:
        counter.say("确认取消", "affirm")
    if counter.order().stage is Stage.PENDING_SHIPMENT:
        counter.say("直接取消", "cancel_order")
    assert counter.order().stage is Stage.CANCELLED
    assert len(counter.order().lines) == 2


def test_asked_for_the_yes_to_the_whole_the_shopper_may_name_a_part() -> None:
    counter = Counter(several(MILL, NUTS))
    counter.say("直接取消，别问", "cancel_order")
    counter.say("等等，只取消坚果", "cancel_order")
    counter.say("确认", "affirm")
    assert [line.sku for line in counter.order().lines] == ["sku-1"]


def test_the_button_for_some_of_it_asks_which() -> None:
    counter = Counter(several(MILL, NUTS))
    counter.say("直接取消，别问", "cancel_order")
    reply = counter.say("只取消其中的", "cancel_order")
    assert [button.text for button in reply.bubbles[0].buttons][:2] == [MILL.title, NUTS.title]
    counter.say(NUTS.title, "inform_order")
    counter.say("确认", "affirm")
    assert [line.sku for line in counter.order().lines] == ["sku-1"]


def test_a_wish_heard_as_keeping_still_cancels_what_it_names() -> None:
    counter = Counter(several(MILL, NUTS))
    counter.say("把坚果取消掉，豆浆机留着", "keep_order")
    assert counter.decision().rule == "confirm_part"


def test_in_a_sale_no_sum_is_promised() -> None:
    counter = Counter(several(MILL, NUTS, promotion_id="sale"))
    reply = counter.say("坚果取消，豆浆机要", "cancel_order")
    assert "元" not in reply.bubbles[0].text
    assert "活动规则" in reply.bubbles[0].text


def test_after_money_was_given_a_person_works_out_the_part() -> None:
    counter = Counter(several(MILL, NUTS, late_hours=30))
    counter.say("发货太慢不要了", "cancel_order", Reason.LOGISTICS)
    counter.say("接受方案", "accept_offer")
    counter.say("坚果取消，豆浆机要", "cancel_order")
    assert counter.decision().rule == "part_after_grant"
    assert counter.say("嗯，转吧", "affirm").status is Status.WAITING
    assert len(counter.order().lines) == 2


def test_a_parcel_on_its_way_is_not_taken_apart() -> None:
    counter = Counter(several(MILL, NUTS, stage=Stage.IN_TRANSIT))
    counter.say("坚果退了，豆浆机要", "request_refund")
    assert counter.decision().outcome == "refused"
    assert len(counter.order().lines) == 2


def test_one_of_two_goods_received_goes_back_alone() -> None:
    counter = Counter(several(MILL, NUTS, stage=Stage.DELIVERED))
    counter.say("坚果不想要了退掉，豆浆机留着", "request_refund", Reason.CHANGED_MIND)
    counter.say("确认", "affirm")
    assert counter.order().stage is Stage.DELIVERED
    assert counter.order().attributes["after_sale"] == ["sku-2"]
    assert counter.decision().outcome == "part_refund_requested"


def test_of_two_pieces_one_is_taken_out_without_a_person() -> None:
    counter = Counter(several(replace(NUTS, qty=2)))
    counter.say("拍重了，两盒改成1盒", "wrong_choice", Reason.MISTAKE, entities=(entity(EntityKind.QUANTITY, "1"),))
    counter.say("对", "affirm")
    assert [line.qty for line in counter.order().lines] == [1]
    assert counter.order().paid_fen == 12_000


def test_a_size_is_changed_on_the_goods_that_were_named() -> None:
    counter = Counter(several(MILL, JEANS)).events(told("sku-3", "深蓝色 L"), told("sku-3", "浅蓝色 L"))
    counter.say("裤子换成L码", "wrong_choice", Reason.SIZE, entities=(entity(EntityKind.SIZE, "L"),))
    counter.say("对", "affirm")
    assert counter.order().variant_of("sku-3") == "深蓝色 L"


def test_asked_which_goods_the_size_said_before_is_not_asked_again() -> None:
    counter = Counter(several(MILL, JEANS)).events(told("sku-3", "深蓝色 XL"), told("sku-1", "XL"))
    counter.say("换成XL", "wrong_choice", Reason.SIZE, entities=(entity(EntityKind.SIZE, "XL"),))
    assert counter.decision().rule == "which_line"
    counter.say("牛仔裤", "inform_order")
    counter.say("对", "affirm")
    assert counter.order().variant_of("sku-3") == "深蓝色 XL"


def test_a_size_only_one_of_the_goods_comes_in_names_it() -> None:
    counter = Counter(several(MILL, JEANS)).events(told("sku-3", "深蓝色 L"))
    counter.say("换成L", "wrong_choice", Reason.SIZE, entities=(entity(EntityKind.SIZE, "L"),))
    assert counter.decision().rule == "confirm_variant"


def test_one_of_the_goods_is_swapped_and_another_left_out_in_one_yes() -> None:
    counter = Counter(several(NUTS, JEANS)).events(told("sku-3", "深蓝色 L"))
    size = (entity(EntityKind.SIZE, "L"),)
    reply = counter.say("裤子换成L码，坚果不要了", "exchange_item", Reason.SIZE, entities=size)
    assert "坚果" in reply.bubbles[0].text
    counter.say("对", "affirm")
    after = counter.order()
    assert [line.sku for line in after.lines] == ["sku-3"]
    assert after.variant_of("sku-3") == "深蓝色 L"


def test_broken_goods_among_several_are_asked_for_and_go_alone() -> None:
    counter = Counter(several(MILL, NUTS, stage=Stage.DELIVERED))
    reply = counter.say("收到是坏的", "product_defect", Reason.QUALITY)
    assert counter.decision().rule == "which_line"
    reply = counter.say("豆浆机", "inform_order")
    assert "退这一件" in [button.text for button in reply.bubbles[-1].buttons]
    counter.say("退这一件", "request_refund")
    counter.say("确认", "affirm")
    assert counter.order().attributes["after_sale"] == ["sku-1"]


def test_an_order_is_known_by_any_of_its_goods() -> None:
    other = order("TQ20261120002")
    counter = Counter(several(MILL, NUTS), other)
    counter.say("坚果到哪了", "track_order")
    assert counter.decision().order_no == "TQ20261120001"


def test_the_question_which_goods_does_not_trap_the_shopper() -> None:
    counter = Counter(several(MILL, JEANS))
    counter.say("换个码", "wrong_choice", Reason.SIZE)
    with counter.store.transaction() as records:
        found = records.conversations.find("conv-1")
    assert found is not None
    assert found.memory.expecting is Expecting.LINE
    assert counter.say("转人工", "request_human").status is Status.WAITING


def test_a_discounted_order_pays_back_what_the_goods_really_cost() -> None:
    counter = Counter(several(MILL, NUTS, paid_fen=21_000, placed_at=NOW - 5 * HOUR))
    reply = counter.say("坚果取消，豆浆机要", "cancel_order")
    assert "60 元" in reply.bubbles[0].text
