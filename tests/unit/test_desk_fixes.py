"""Fixes before money: restock told in days, substitutes, a courier at the door, one parcel or two, and a clean undo."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from integrations.oms import EmbeddedOrderSystem
from retention.change import ChangeKind, OrderChange, standing
from retention.conversation import Status
from retention.errors import ChangeRefusedError
from retention.event import Event
from retention.hearing import EntityKind, Reason
from retention.order import Address, Line, Order, Stage
from retention.ports import Records
from tests.unit.counter import HOUR, NOW, Counter, entity, order, stock

SHOE = Line(sku="sku-1", title="云感跑鞋", category="鞋", qty=1, unit_price_fen=20_000, unit_cost_fen=12_000)
SOCK = Line(sku="sku-2", title="运动袜三双装", category="服饰", qty=1, unit_price_fen=4_000, unit_cost_fen=2_000)
COURIER = {"hours": ["9-12", "14-18"], "days": 3}
ELSEWHERE = Address(
    province="上海市", city="上海市", district="浦东新区", detail="张江路 88 号", receiver="李明", phone="13800001111"
)
OTHER = "TQ20261120002"


def gone(days: float | None = 5, *, sku: str = "sku-1", hours_ago: float = 1) -> Event:
    data = {"variant": "", "available": False, **({} if days is None else {"restock_days": days})}
    return Event(event_id=f"gone-{sku}", kind="stock.changed", at=NOW - hours_ago * HOUR, sku=sku, data=data)


def instead(price_fen: int, **data: object) -> Event:
    told = {"by": "sku-9", "title": "缓震跑鞋 二代", "price_fen": price_fen, **data}
    return Event(event_id="instead", kind="stock.substitute", at=NOW - HOUR, sku="sku-1", data=told)


def both(**facts: object) -> Order:
    return order(lines=(SHOE, SOCK), paid_fen=24_000, attributes={}, **facts)  # type: ignore[arg-type]


def fix(value: str) -> tuple:  # type: ignore[type-arg]
    return (entity(EntityKind.FIX, value),)


def slot(value: str) -> tuple:  # type: ignore[type-arg]
    return (entity(EntityKind.FIX, "pick_up"), entity(EntityKind.SLOT, value))


def changes(counter: Counter, order_no: str = "TQ20261120001") -> list[OrderChange]:
    with counter.store.transaction() as records:
        return list(records.orders.changes(order_no))


# --- out of stock --------------------------------------------------------------------------------------------------


def test_a_restock_is_counted_down_to_today_and_says_who_said_so() -> None:
    counter = Counter(order()).events(gone(5, hours_ago=49))
    text = counter.say("什么时候有货", "stock_question", Reason.STOCK).bubbles[0].text
    assert "11 月 23 日到货，还有 3 天" in text
    assert "11 月 18 日报" in text


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (gone(None), "补货时间系统里还没有"),
        (gone(1, hours_ago=100), "已经过了"),
        (gone(float("nan")), "补货时间系统里还没有"),
        (gone(1, hours_ago=24), "今天到货"),
    ],
)
def test_no_day_is_made_up(event: Event, words: str) -> None:
    counter = Counter(order()).events(event)
    assert words in counter.say("什么时候有货", "stock_question", Reason.STOCK).bubbles[0].text


def test_what_is_there_instead_is_a_tap_away() -> None:
    counter = Counter(order()).events(stock("黑色 42", available=False, restock_days=5), stock("白色 42"))
    reply = counter.say("什么时候有货", "stock_question", Reason.STOCK)
    assert "白色 42" in [button.text for button in reply.bubbles[-1].buttons]
    counter.say("白色 42", "inform_order")
    counter.say("确认修改", "affirm")
    assert counter.order().attributes["variant"] == "白色 42"


def test_another_colour_is_taken_though_it_was_heard_as_taking_an_offer() -> None:
    counter = Counter(order()).events(stock("黑色 42", available=False, restock_days=5), stock("白色 42"))
    counter.say("什么时候有货", "stock_question", Reason.STOCK)
    counter.say("那换白色的吧", "accept_offer", entities=(entity(EntityKind.COLOUR, "白"),))
    assert counter.decision().rule == "confirm_variant"


def test_a_cheaper_substitute_is_sent_and_the_difference_paid_back() -> None:
    counter = Counter(order()).events(gone(5), instead(18_000))
    counter.say("什么时候有货", "stock_question", Reason.STOCK)
    reply = counter.say("换成 缓震跑鞋 二代", "exchange_item")
    assert "20 元" in reply.bubbles[0].text
    counter.say("确认换", "affirm")
    assert [line.title for line in counter.order().lines] == ["缓震跑鞋 二代"]
    assert counter.order().paid_fen == 18_000


@pytest.mark.parametrize("event", [instead(20_001), instead(18_000, available=False), instead(0), instead(1, by="")])
def test_a_substitute_that_costs_more_or_is_gone_is_not_offered(event: Event) -> None:
    counter = Counter(order()).events(gone(5), event)
    reply = counter.say("什么时候有货", "stock_question", Reason.STOCK)
    assert not [button for bubble in reply.bubbles for button in bubble.buttons if "缓震" in button.text]


# --- one parcel or two ---------------------------------------------------------------------------------------------


def test_what_is_in_stock_goes_ahead_after_a_yes() -> None:
    counter = Counter(both()).events(gone(5))
    reply = counter.say("有货的先发，缺货的等补货", "stock_question", Reason.STOCK, entities=fix("ship_apart"))
    assert "运动袜" in reply.bubbles[0].text
    assert "11 月 25 日" in reply.bubbles[0].text
    assert "ships_later" not in counter.order().attributes
    counter.say("分开发", "affirm")
    assert counter.order().attributes["ships_later"] == ["sku-1"]


def test_the_news_of_one_sold_out_of_two_offers_to_send_the_other() -> None:
    counter = Counter(both()).events(gone(5))
    reply = counter.say("什么时候发货", "track_order")
    assert "云感跑鞋" in reply.bubbles[0].text
    counter.say("有货的先发", "stock_question")
    counter.say("好", "affirm")
    assert counter.order().attributes["ships_later"] == ["sku-1"]


@pytest.mark.parametrize(
    ("which", "rule"),
    [
        (order(), "split_one"),
        (both(), "split_all_there"),
        (both(stage=Stage.IN_TRANSIT), "split_too_late"),
    ],
)
def test_what_cannot_go_apart_is_told_so(which: Order, rule: str) -> None:
    counter = Counter(which)
    counter.say("分开发", "stock_question", entities=fix("ship_apart"))
    assert counter.decision().rule == rule


def test_two_orders_to_one_door_become_one_parcel() -> None:
    counter = Counter(order(), order(OTHER))
    counter.say("两单合并一起发吧", "keep_order", entities=fix("merge_orders"))
    counter.say("确认合并", "affirm")
    with_other = [counter.order(number).attributes.get("ship_with") for number in ("TQ20261120001", OTHER)]
    assert sorted(map(str, with_other)) == ["None", "TQ20261120001"]


def test_orders_to_two_doors_are_brought_to_one_first_and_that_is_said() -> None:
    counter = Counter(order(), order(OTHER, address=ELSEWHERE))
    reply = counter.say("合并成一个包裹", "track_order", entities=fix("merge_orders"))
    assert "会改成这个地址" in reply.bubbles[0].text
    counter.say("对", "affirm")
    assert counter.order().address == counter.order(OTHER).address
    assert counter.decision().outcome == "merged"


class NoMerge(EmbeddedOrderSystem):
    """The warehouse has just packed one of them."""

    def perform(self, records: Records, change: OrderChange) -> Order:
        if change.kind is ChangeKind.MERGE:
            raise ChangeRefusedError(change.order_no, "merge", "pending_shipment")
        return super().perform(records, change)


class NoMergeNoUndo(NoMerge):
    def undo(self, records: Records, done: OrderChange, before: Order, *, at: datetime) -> Order:
        raise ChangeRefusedError(done.order_no, done.kind.value, "pending_shipment")


def with_system(counter: Counter, system: EmbeddedOrderSystem) -> Counter:
    counter.desk._order_system = system
    return counter


def test_a_merge_refused_undoes_the_address_and_the_truth_is_told() -> None:
    counter = with_system(Counter(order(), order(OTHER, address=ELSEWHERE)), NoMerge())
    counter.say("合并成一个包裹", "track_order", entities=fix("merge_orders"))
    before = (counter.order(), counter.order(OTHER))
    reply = counter.say("对", "affirm")
    assert (counter.order(), counter.order(OTHER)) == before
    assert "撤回" in reply.bubbles[0].text
    assert counter.decision().outcome == "refused"
    assert standing([*changes(counter), *changes(counter, OTHER)]) == ()


def test_what_cannot_be_undone_brings_a_person_at_once() -> None:
    counter = with_system(Counter(order(), order(OTHER, address=ELSEWHERE)), NoMergeNoUndo())
    counter.say("合并成一个包裹", "track_order", entities=fix("merge_orders"))
    reply = counter.say("对", "affirm")
    assert reply.status is Status.WAITING
    assert "只办了一半" in reply.bubbles[0].text


def test_goods_that_are_missing_are_named_before_a_merge_makes_all_wait() -> None:
    counter = Counter(order(), replace(both(), order_no=OTHER)).events(gone(5, sku="sku-2"))
    reply = counter.say("一起发", "stock_question", entities=fix("merge_orders"))
    assert "缺货" in reply.bubbles[0].text


def test_one_order_alone_is_not_merged() -> None:
    counter = Counter(order(), order(OTHER, stage=Stage.IN_TRANSIT))
    counter.say("合并发货", "track_order", entities=fix("merge_orders"))
    assert counter.decision().rule == "merge_too_few"


def test_nobody_unknown_merges_anything() -> None:
    counter = Counter(order(), order(OTHER), customer=None)
    counter.say("合并发货", "track_order", entities=fix("merge_orders"))
    assert counter.decision().rule == "not_signed_in"


# --- the courier ---------------------------------------------------------------------------------------------------


def received(**attributes: object) -> Order:
    return order(stage=Stage.DELIVERED, attributes={"variant": "黑色 42", "pick_up": COURIER, **attributes})


def test_exchange_and_courier_in_one_message_need_one_yes() -> None:
    counter = Counter(received()).events(stock("黑色 43"))
    entities = (entity(EntityKind.SIZE, "43"), *slot("+1 14-18"))
    reply = counter.say("小了换43，明天下午上门取件", "exchange_item", Reason.SIZE, entities=entities)
    assert "黑色 43" in reply.bubbles[0].text
    assert "11 月 21 日 14:00-18:00" in reply.bubbles[0].text
    assert "文三路" in reply.bubbles[0].text
    counter.say("对", "affirm")
    assert counter.order().stage is Stage.AFTER_SALE
    assert str(counter.order().attributes["pick_up_at"]).startswith("2026-11-21T14:00:00+08:00")


class NoCourier(EmbeddedOrderSystem):
    def perform(self, records: Records, change: OrderChange) -> Order:
        if change.kind is ChangeKind.PICK_UP:
            raise ChangeRefusedError(change.order_no, "pick_up", "after_sale")
        return super().perform(records, change)


def test_an_exchange_whose_courier_cannot_come_is_undone() -> None:
    counter = with_system(Counter(received()).events(stock("黑色 43")), NoCourier())
    before = counter.order()
    entities = (entity(EntityKind.SIZE, "43"), *slot("+1 14-18"))
    counter.say("小了换43，明天下午上门取件", "exchange_item", Reason.SIZE, entities=entities)
    reply = counter.say("对", "affirm")
    assert counter.order() == before
    assert "约上门取件" in reply.bubbles[0].text


def test_a_return_stands_though_its_courier_cannot_come() -> None:
    counter = with_system(Counter(received()), NoCourier())
    counter.say("直接退了，别问，明天下午来取", "request_refund", entities=slot("+1 14-18"))
    reply = counter.say("确认退款", "affirm")
    assert counter.order().stage is Stage.AFTER_SALE
    assert "约好了" not in "".join(bubble.text for bubble in reply.bubbles)


def test_return_and_courier_in_one_message_need_one_yes() -> None:
    counter = Counter(received())
    reply = counter.say("直接退了，别问，明天下午来取", "request_refund", entities=slot("+1 14-18"))
    assert "11 月 21 日 14:00-18:00" in reply.bubbles[0].text
    reply = counter.say("确认退款", "affirm")
    assert counter.order().stage is Stage.AFTER_SALE
    assert "pick_up_at" in counter.order().attributes
    assert counter.decision().outcome == "refund_requested"


def test_a_time_said_with_the_wish_is_remembered_over_the_questions_between() -> None:
    counter = Counter(received())
    counter.say("想退货，明天下午来取", "request_refund", entities=slot("+1 14-18"))
    reply = counter.say("直接取消", "request_refund")
    assert counter.order().stage is Stage.AFTER_SALE
    assert "11 月 21 日 14:00-18:00" in reply.bubbles[-1].text
    counter.say("对", "affirm")
    assert "pick_up_at" in counter.order().attributes


def test_after_a_return_the_courier_is_offered_with_times_and_the_address() -> None:
    counter = Counter(received())
    counter.say("直接退了，别问", "request_refund")
    reply = counter.say("确认退款", "affirm")
    assert "文三路" in reply.bubbles[-1].text
    texts = [button.text for button in reply.bubbles[-1].buttons]
    assert "今天 14:00 到 18:00" in texts
    counter.say("今天 14:00 到 18:00", "inform_order")
    assert "pick_up_at" not in counter.order().attributes
    counter.say("确认取件", "affirm")
    assert "pick_up_at" in counter.order().attributes
    assert counter.decision().outcome == "pick_up_booked"


def test_a_time_no_courier_comes_is_answered_with_those_he_does() -> None:
    counter = Counter(received(after_sale=["sku-1"]))
    counter.say("上门取件", "out_of_scope", entities=slot("+1 20-21"))
    assert counter.decision().rule == "pick_up_other_time"
    counter.say("那周日上午", "out_of_scope", entities=(entity(EntityKind.SLOT, "w7 9-12"),))
    assert counter.decision().rule == "confirm_pick_up"


def test_another_address_for_the_courier_is_read_back() -> None:
    counter = Counter(received(after_sale=["sku-1"]))
    parts = (entity(EntityKind.CITY, "上海市"), entity(EntityKind.DETAIL, "张江路 88 号"))
    reply = counter.say("明天下午到上海张江路88号取", "out_of_scope", entities=(*slot("+1 14-18"), *parts))
    assert "张江路 88 号" in reply.bubbles[0].text
    counter.say("对", "affirm")
    assert changes(counter)[-1].change["detail"] == "张江路 88 号"


def test_who_posts_it_themselves_is_left_alone() -> None:
    counter = Counter(received())
    counter.say("直接退了，别问", "request_refund")
    counter.say("确认退款", "affirm")
    counter.say("我自己寄", "inform_order")
    assert counter.decision().rule == "pick_up_declined"
    assert "pick_up_at" not in counter.order().attributes


def test_without_a_courier_nothing_is_promised() -> None:
    counter = Counter(order(stage=Stage.DELIVERED))
    counter.say("直接退了，别问", "request_refund")
    reply = counter.say("确认退款", "affirm")
    assert "取件" not in reply.bubbles[-1].text
    counter.say("上门取件", "out_of_scope", entities=fix("pick_up"))
    assert counter.decision().rule == "pick_up_none"


def test_a_courier_asked_for_before_anything_goes_back_is_asked_what_for() -> None:
    counter = Counter(received())
    counter.say("上门取件", "out_of_scope", entities=fix("pick_up"))
    assert counter.decision().rule == "pick_up_what_for"


def test_whether_a_courier_comes_is_answered_for_the_order_and_not_as_a_rule() -> None:
    counter = Counter(received())
    counter.say("能上门取件吗", "ask_policy", entities=fix("pick_up"))
    assert counter.decision().rule == "pick_up_what_for"
    other = Counter(order(stage=Stage.DELIVERED))
    other.say("能上门取件吗", "ask_policy", entities=fix("pick_up"))
    assert other.decision().rule == "policy_unknown"


def test_a_wish_for_a_person_is_one_whatever_fix_it_names() -> None:
    counter = Counter(order(), order(OTHER))
    reply = counter.say("转人工帮我合并订单", "request_human", entities=fix("merge_orders"))
    assert reply.status is Status.WAITING
