"""The demo shop: every story has its open order, and installing twice or halfway does no harm."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache

import pytest

from integrations.memory.store import MemoryStore
from retention.customer import Customer
from retention.event import Event, latest
from retention.hearing import Entity, EntityKind, Reason
from retention.order import MOVING, UNSHIPPED, Order, Stage
from tests.unit.counter import Counter
from tests.unit.twin_cases import NOW, SEED
from twin.demo import SHOPPERS, install, open_orders
from twin.world import History, generate


@cache
def small() -> History:
    return generate(SEED, customers=40, orders=120, now=NOW)


@dataclass(frozen=True, kw_only=True)
class Found:
    customer: Customer
    orders: Sequence[Order]
    events: Mapping[str, Sequence[Event]]

    @property
    def only(self) -> Order:
        (order,) = self.orders
        return order

    @property
    def told(self) -> Sequence[Event]:
        return self.events[self.only.order_no]


def installed(store: MemoryStore) -> MemoryStore:
    install(store, seed=SEED, now=NOW, progress=lambda _, __: None, history=small())
    return store


@cache
def shop() -> Mapping[str, Found]:
    """What a shop's screens would read back of each shopper."""
    found = {}
    with installed(MemoryStore()).transaction() as records:
        for shopper in SHOPPERS:
            customer = records.customers.find(shopper.customer_id)
            assert customer is not None
            orders = [order for order in records.orders.of_customer(shopper.customer_id) if order.is_open]
            events = {order.order_no: records.events.about(order, since=NOW - timedelta(days=60)) for order in orders}
            found[shopper.customer_id] = Found(customer=customer, orders=orders, events=events)
    return found


def test_thirty_three_open_orders_are_there_and_every_shopper_has_one_at_least() -> None:
    assert sum(len(found.orders) for found in shop().values()) == 33
    assert all(found.orders for found in shop().values())


def test_six_shoppers_at_least_need_not_say_which_order_they_mean() -> None:
    assert sum(len(found.orders) == 1 for found in shop().values()) >= 6


def test_orders_of_one_shopper_differ_in_the_digits_people_say() -> None:
    for found in shop().values():
        tails = [order.order_no[-4:] for order in found.orders]
        assert len(set(tails)) == len(tails)


def test_every_shopper_has_a_name_and_one_line_of_story() -> None:
    for shopper in SHOPPERS:
        assert shop()[shopper.customer_id].customer.name == shopper.name
        assert 8 <= len(shopper.story) <= 40
        assert "\n" not in shopper.story


def test_everything_in_the_demo_says_that_it_is_synthetic() -> None:
    for found in shop().values():
        assert found.customer.attributes["synthetic"] is True
        assert all(order.attributes["synthetic"] is True for order in found.orders)


def test_no_open_order_contradicts_its_own_times() -> None:
    for found in shop().values():
        for order in found.orders:
            assert order.placed_at < NOW
            assert (order.paid_at is None) is (order.stage is Stage.PENDING_PAYMENT)
            assert (order.shipped_at is None) is (order.stage in UNSHIPPED)
            assert (order.delivered_at is not None) is (order.stage is Stage.DELIVERED)
            assert order.paid_fen > order.cost_fen
            assert all(event.at <= NOW for event in found.events[order.order_no])


def test_goods_of_open_orders_are_told_of_by_their_own_events_only() -> None:
    past = {line.sku for each in small().orders for line in each.order.lines}
    skus = [line.sku for found in shop().values() for order in found.orders for line in order.lines]
    assert len(set(skus)) == len(skus)
    assert not past & set(skus)


def test_the_late_parcel_is_sixty_two_hours_late() -> None:
    order = shop()["demo-late"].only
    assert order.stage is Stage.IN_TRANSIT
    assert order.late_hours(NOW) == pytest.approx(62)


@pytest.mark.parametrize(
    ("shopper", "source", "drop"), [("demo-price", "own", 0.2), ("demo-rival", "competitor", 0.18)]
)
def test_the_price_fell_after_the_order(shopper: str, source: str, drop: float) -> None:
    found = shop()[shopper]
    line = found.only.lines[0]
    told = latest(found.told, "price.changed", sku=line.sku, source=source)
    assert told is not None
    assert told.at > found.only.placed_at
    assert told.number("price_fen") == pytest.approx(line.unit_price_fen * (1 - drop), abs=1)


def test_a_wrong_size_can_be_swapped_before_dispatch_where_the_size_is_in_stock() -> None:
    found = shop()["demo-size"]
    stock = {event.text("variant"): event.data["available"] for event in found.told if event.kind == "stock.changed"}
    assert found.only.stage is Stage.PENDING_SHIPMENT
    assert stock[str(found.only.attributes["variant"])] is True
    assert stock["深蓝色 L"] is True
    assert stock["深蓝色 XL"] is False


def test_addresses_wait_for_dispatch_or_hang_on_the_carrier() -> None:
    assert shop()["demo-address"].only.stage is Stage.PENDING_SHIPMENT
    moving = shop()["demo-moving"].orders
    assert all(order.stage in MOVING for order in moving)
    assert {order.attributes["address_editable"] for order in moving} == {True, False}


@pytest.mark.parametrize(("shopper", "days"), [("demo-restock", 5), ("demo-restock-long", 20)])
def test_goods_out_of_stock_come_back_on_a_known_day(shopper: str, days: int) -> None:
    found = shop()[shopper]
    told = latest(found.told, "stock.changed", available=False)
    assert told is not None
    assert told.number("restock_days") == days
    assert told.text("variant") in ("", found.only.attributes.get("variant"))
    assert found.only.stage is Stage.PENDING_SHIPMENT


def test_the_payment_page_was_left_twice_and_a_payment_failed() -> None:
    kinds = Tally(event.kind for event in shop()["demo-payment"].told)
    assert shop()["demo-payment"].only.stage is Stage.PENDING_PAYMENT
    assert kinds["behaviour.payment_bounced"] == 2
    assert kinds["payment.failed"] == 1


@pytest.mark.parametrize(("shopper", "days"), [("demo-quality", 3), ("demo-old", 20)])
def test_goods_were_received_inside_and_outside_the_return_window(shopper: str, days: int) -> None:
    delivered = shop()[shopper].only.delivered_at
    assert delivered == NOW - timedelta(days=days)


def test_shoppers_differ_in_what_they_are_to_the_shop() -> None:
    assert shop()["demo-vip"].customer.rfm > 80
    assert shop()["demo-serial"].customer.cancelled_orders == 14
    assert shop()["demo-optout"].customer.opted_out
    assert len(shop()["demo-many"].orders) == 6
    assert max(order.late_hours(NOW) for order in shop()["demo-vip"].orders) == pytest.approx(50)


def test_a_thin_margin_a_sale_and_a_late_dispatch_are_there() -> None:
    thin = shop()["demo-thin"].only
    late = shop()["demo-dispatch"].only
    assert round(thin.margin_fen / thin.paid_fen, 2) == 0.04
    assert any(order.promotion_id and len(order.lines) == 3 for order in shop()["demo-sale"].orders)
    assert late.stage is Stage.PENDING_SHIPMENT
    assert late.late_hours(NOW) == pytest.approx(30)


def test_the_past_is_written_with_the_shoppers() -> None:
    with installed(MemoryStore()).transaction() as records:
        for past in small().orders:
            assert records.orders.find(past.order.order_no) == past.order
            written = records.events.about(past.order, since=past.order.placed_at)
            assert all(event in written for event in past.events)
        assert all(records.customers.find(each.customer_id) == each for each in small().customers)


def test_installing_again_changes_nothing() -> None:
    store = installed(MemoryStore())
    with store.transaction() as records:
        order = records.orders.of_customer("demo-late")[0]
        records.orders.put(replace(order, stage=Stage.CANCELLED))
    told: list[str] = []
    install(store, seed=SEED, now=NOW + timedelta(days=1), progress=lambda words, _: told.append(words))
    with store.transaction() as records:
        assert records.orders.of_customer("demo-late")[0].stage is Stage.CANCELLED
    assert told == ["演示店铺已经就绪"]


def test_an_installation_cut_short_is_completed_by_the_next() -> None:
    store = MemoryStore()

    def pull_the_plug(words: str, share: float) -> None:
        if share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        install(store, seed=SEED, now=NOW, progress=pull_the_plug, history=small())
    with store.transaction() as records:
        assert records.customers.find("demo-late") is None
    with installed(store).transaction() as records:
        assert records.orders.of_customer("demo-late")


def test_progress_is_told_in_chinese_and_never_runs_back() -> None:
    told: list[tuple[str, float]] = []
    install(MemoryStore(), seed=SEED, now=NOW, progress=lambda *step: told.append(step), history=small())
    assert told[0] == ("正在生成演示店铺（合成数据）", 0.0)
    assert told[-1] == ("演示店铺已经就绪", 1.0)
    assert [share for _, share in told] == sorted(share for _, share in told)


def test_the_same_seed_and_moment_give_the_same_open_orders() -> None:
    assert list(open_orders(seed=SEED, now=NOW)) == list(open_orders(seed=SEED, now=NOW))


# --- what can be tried -------------------------------------------------------------------------------------------


def talk(shopper: str) -> Counter:
    """A conversation of a demo shopper, now."""
    counter = Counter(store=installed(MemoryStore()), customer=shopper)
    counter.now = NOW
    return counter


def fix(value: str) -> Entity:
    return Entity(kind=EntityKind.FIX, value=value, text=value, start=0, end=1)


def test_the_late_parcel_has_a_lane_history_and_a_range_without_a_promise() -> None:
    text = talk("demo-late").say("到底几号能到", "track_order").bubbles[0].text
    assert "412 个包裹" in text
    assert "不敢打包票" in text


def test_the_jeans_have_a_size_chart_and_buyers_and_lead_to_a_swap() -> None:
    counter = talk("demo-size")
    build = (
        fix("advise_size"),
        Entity(kind=EntityKind.HEIGHT, value="172", text="172", start=0, end=3),
        Entity(kind=EntityKind.WEIGHT, value="65", text="65", start=0, end=2),
    )
    reply = counter.say("172 130斤穿什么码", "wrong_choice", entities=build)
    assert "建议 L" in reply.bubbles[0].text
    assert [button.text for button in reply.bubbles[0].buttons] == ["换成 深蓝色 L", "不换了"]


def test_the_down_jacket_is_counted_down_and_has_alternatives() -> None:
    reply = talk("demo-restock").say("什么时候有货", "stock_question")
    assert "还有 5 天" in reply.bubbles[0].text
    assert {"黑色 L", "换成 轻薄羽绒服短款 连帽版"} <= {button.text for button in reply.bubbles[-1].buttons}


def test_two_goods_of_which_one_is_missing_can_be_sent_apart_or_cancelled_apart() -> None:
    counter = talk("demo-two")
    counter.say("速干那单有货的先发", "stock_question", entities=(fix("ship_apart"),))
    assert counter.decision().rule == "confirm_split"
    counter.say("一起等", "deny")
    counter.say("瑜伽垫不要了，运动套装照发", "cancel_order")
    counter.say("确认", "affirm")
    assert counter.decision().outcome == "part_cancelled"


def test_two_unshipped_orders_can_be_one_parcel() -> None:
    counter = talk("demo-two")
    counter.say("没发的合并一起发", "track_order", entities=(fix("merge_orders"),))
    assert counter.decision().rule == "confirm_merge"


def test_a_hoodie_is_exchanged_and_fetched_in_one_message() -> None:
    counter = talk("demo-two")
    entities = (
        Entity(kind=EntityKind.SIZE, value="L", text="L", start=0, end=1),
        fix("pick_up"),
        Entity(kind=EntityKind.SLOT, value="+1 14-18", text="明天下午", start=0, end=4),
    )
    reply = counter.say("卫衣小了换L，明天下午上门取件", "exchange_item", Reason.SIZE, entities=entities)
    assert "灰色 L" in reply.bubbles[0].text
    assert "14:00-18:00" in reply.bubbles[0].text
    counter.say("对", "affirm")
    assert counter.decision().outcome == "exchange_requested"
