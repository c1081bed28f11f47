"""Fixes end to end: typed Chinese, the real Rasa and its model, the real desk, the real records, the public API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone

from benchmarks.plain_order import calls
from service.sandbox import Sandbox
from tests.shopper import Shopper

Meet = Callable[..., Shopper]
CHART = {"M": [163, 172, 53, 63], "L": [171, 179, 62, 74]}
NUTS = {"item": "每日坚果礼盒", "amount_yuan": 119, "category": "食品"}


def kinds(shopper: Shopper) -> list[str]:
    return [change["kind"] for change in shopper.order()["changes"]]


def test_one_of_two_goods_is_cancelled_and_the_other_is_sent(meet: Meet, sandbox: Sandbox) -> None:
    shopper = meet(sandbox, item="破壁豆浆机", amount_yuan=399, margin_pct=40, also=[NUTS])
    assert "每日坚果礼盒" in shopper.said("把坚果取消掉，豆浆机留着")
    assert kinds(shopper) == [], "nothing is written before the yes"
    shopper.say("对")
    order = shopper.order()
    assert [line["title"] for line in order["lines"]] == ["破壁豆浆机"]
    assert (order["stage"], order["paid_fen"]) == ("pending_shipment", 39_900)


def test_who_wants_the_whole_order_gone_still_gets_that(meet: Meet, sandbox: Sandbox) -> None:
    shopper = meet(sandbox, item="破壁豆浆机", amount_yuan=399, margin_pct=40, also=[NUTS])
    shopper.say("坚果不要了，其它照发")
    shopper.say("整单都不要了")
    shopper.say("确认取消")
    assert shopper.order()["stage"] == "cancelled"


def test_a_parcel_has_a_range_and_no_promise(meet: Meet, sandbox: Sandbox) -> None:
    shopper = meet(sandbox, status="shipped", item="无线耳机", in_transit_city="武汉", lane_hours=[20, 52])
    said = shopper.said("到底几号能到")
    assert "240 个包裹" in said
    assert "不敢打包票" in said


def test_a_size_is_advised_asked_for_and_swapped(meet: Meet, sandbox: Sandbox) -> None:
    shopper = meet(sandbox, item="直筒牛仔裤", sizes_in_stock=["M", "L"], variant="M", size_chart=CHART)
    assert "身高和体重" in shopper.said("帮我看看我该穿什么码")
    assert "多半是 L" in shopper.said("一米七五，140斤")
    shopper.say("换成 L")
    shopper.say("对")
    assert shopper.order()["attributes"]["variant"] == "L"


def test_an_exchange_and_its_courier_are_one_message_and_one_yes(meet: Meet, sandbox: Sandbox) -> None:
    shopper = meet(sandbox, status="delivered", item="连帽卫衣", sizes_in_stock=["L"], variant="M", pick_up=True)
    said = shopper.said("收到了，衣服小了换成L，明天下午上门取件")
    assert "14:00-18:00" in said
    assert "文三路" in said
    shopper.say("没问题")
    assert kinds(shopper) == ["exchange", "pick_up"]


def test_a_return_is_fetched_at_the_time_that_was_picked(meet: Meet, sandbox: Sandbox) -> None:
    shopper = meet(sandbox, status="delivered", item="连帽卫衣", pick_up=True)
    shopper.say("直接给我退货退款，别问原因")
    shopper.say("确认退款")
    assert "取件" in shopper.said("后天下午吧")
    shopper.say("对")
    assert kinds(shopper) == ["refund", "pick_up"]


def test_what_is_there_goes_ahead_of_what_is_not(meet: Meet, sandbox: Sandbox) -> None:
    shopper = meet(sandbox, item="破壁豆浆机", restock_days=5, also=[NUTS])
    assert "坚果" in shopper.said("有货的先发，缺货的等补货再发")
    shopper.say("可以")
    assert kinds(shopper) == ["split"]


def test_two_orders_become_one_parcel(meet: Meet, sandbox: Sandbox) -> None:
    shopper = meet(sandbox, item="真空保温杯", amount_yuan=89)
    other = calls(f"{shopper.name}-b", {"item": "瑜伽垫"}, datetime.now(timezone.utc))
    other.order.update({"customer_id": shopper.made.customer["customer_id"], "address": shopper.made.order["address"]})
    shopper.shop.put(f"/v1/orders/{other.order['order_no']}", json=other.order).raise_for_status()
    assert "一个包裹" in shopper.said("两个订单地址一样，能合并成一个包裹发吗")
    shopper.say("确认合并")
    changed = [*shopper.order()["changes"], *shopper.order(other.order["order_no"])["changes"]]
    assert [change["kind"] for change in changed] == ["merge"]
