"""The synthetic shop: the same seed tells the same story, nothing looks ahead, and what is planted can be found."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from math import sqrt

import pytest

from retention.event import Event
from retention.order import UNSHIPPED, Stage
from tests.unit.twin_cases import NOW, history
from twin import process
from twin.dice import Dice
from twin.goods import GOODS
from twin.history import case, cases, settled
from twin.life import SLOW_CARRIER, SLOW_CARRIER_DAYS, SLOW_CARRIER_PROVINCE, SLOW_WAREHOUSE
from twin.past_order import PastOrder
from twin.process import Circumstances, Speech
from twin.world import WINDOW, generate


def share(orders: list[PastOrder], holds: Callable[[PastOrder], bool]) -> float:
    assert len(orders) >= 30
    return sum(holds(past) for past in orders) / len(orders)


def was_lost(past: PastOrder) -> bool:
    return past.lost


def shipped_late(past: PastOrder) -> bool:
    shipped, promised = past.order.shipped_at, past.order.promised_ship_at
    return shipped is not None and promised is not None and shipped > promised


def delivered_late(past: PastOrder) -> bool:
    delivered, promised = past.order.delivered_at, past.order.promised_delivery_at
    return delivered is not None and promised is not None and delivered > promised


def test_the_same_seed_draws_the_same_shop_and_another_seed_another() -> None:
    first, again = (generate(5, customers=60, orders=200, now=NOW) for _ in range(2))
    assert first == again
    assert generate(6, customers=60, orders=200, now=NOW).orders != first.orders


def test_a_history_has_the_size_asked_for_and_lies_in_its_window() -> None:
    assert len(history().customers) == 1500
    assert len(history().orders) == len({past.order.order_no for past in history().orders}) == 6000
    assert all(NOW - WINDOW - timedelta(days=1) <= past.order.placed_at < NOW for past in history().orders)
    assert all(past.moment < NOW for past in history().orders)


def test_everything_says_that_it_is_synthetic() -> None:
    assert all(past.order.attributes["synthetic"] is True for past in history().orders)
    assert all(past.then.attributes["synthetic"] is True for past in history().orders)
    assert all(customer.attributes["synthetic"] is True for customer in history().customers)


def test_no_case_looks_ahead() -> None:
    for known, _ in cases(history()):
        order = known.order
        times = (order.placed_at, order.paid_at, order.shipped_at, order.delivered_at)
        assert all(at is None or at <= known.now for at in times)
        assert all(event.at <= known.now for event in known.events)
        assert not any(event.kind in ("order.cancelled", "order.refunded") for event in known.events)
        assert "refunded" not in order.attributes
        assert order.stage not in (Stage.CANCELLED, Stage.CLOSED, Stage.AFTER_SALE)


def test_a_customer_is_known_by_orders_that_had_ended_before() -> None:
    seen: Counter[str] = Counter()
    for customer_id in {past.order.customer_id for past in history().orders[:300]}:
        theirs = [past for past in history().orders if past.order.customer_id == customer_id]
        for past in theirs:
            before = [other for other in theirs if other.ended_at <= past.moment and other is not past]
            first = min(theirs, key=lambda other: (other.moment, other.order.order_no))
            grown = past.customer.lifetime_orders - first.customer.lifetime_orders
            assert grown == len(before)
            seen["orders"] += grown
    assert seen["orders"] > 100


def test_what_an_unshipped_order_will_need_is_not_in_its_case() -> None:
    waiting = [known for known, _ in cases(history()) if known.order.stage in UNSHIPPED]
    indoors = {f"fulfilment.{done}" for done in ("picked", "packed", "held", "region_delayed")}
    assert waiting
    for known in waiting:
        assert "carrier" not in known.order.attributes
        assert {event.kind for event in known.events if event.kind.startswith("fulfilment.")} <= indoors


def test_only_settled_orders_teach() -> None:
    assert all(past.settles_at <= NOW for past in settled(history()))
    young = [past for past in history().orders if past.settles_at > NOW]
    assert young
    assert len(list(cases(history()))) == len(history().orders) - len(young)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_between_five_and_twenty_three_percent_are_lost(seed: int) -> None:
    drawn = generate(seed, customers=400, orders=1500, now=NOW)
    assert 0.05 <= share(list(drawn.orders), was_lost) <= 0.23


def test_orders_are_lost_as_often_as_their_recorded_probabilities_say() -> None:
    expected = sum(past.true_probability for past in history().orders)
    spread = sqrt(sum(past.true_probability * (1 - past.true_probability) for past in history().orders))
    assert abs(sum(past.lost for past in history().orders) - expected) < 4 * spread


def test_the_stage_an_order_ends_in_says_how_it_ended() -> None:
    for past in history().orders:
        if not past.lost:
            assert past.order.stage is (Stage.CLOSED if past.settles_at <= NOW else Stage.DELIVERED)
        elif past.then.stage is not Stage.DELIVERED:
            assert past.order.stage is Stage.CANCELLED
            assert past.order.delivered_at is None
        else:
            assert past.order.stage in (Stage.CLOSED, Stage.AFTER_SALE)
            assert past.order.attributes["refunded"] is True


def test_a_lost_order_ends_with_its_cause_and_a_kept_one_without() -> None:
    for past in history().orders:
        ends = [event for event in past.events if event.kind in ("order.cancelled", "order.refunded")]
        assert len(ends) == past.lost
        assert all(event.at == past.ended_at and event.text("cause") for event in ends)
        assert all(event.at <= min(past.ended_at, NOW) for event in past.events)


def test_goods_come_back_before_their_money_does() -> None:
    returned = [past for past in history().orders if any(event.kind == "order.returned" for event in past.events)]
    assert len(returned) == sum(past.lost and past.then.stage is Stage.DELIVERED for past in history().orders)
    for past in returned:
        back, paid = (next(e.at for e in past.events if e.kind == f"order.{fact}") for fact in ("returned", "refunded"))
        assert past.moment < back < paid


def test_an_order_goes_through_the_warehouse_step_by_step_and_a_lost_one_no_further_than_it_stood() -> None:
    steps = ("fulfilment.picked", "fulfilment.packed", "fulfilment.scanned")
    for past in history().orders:
        first = [next((event.at for event in past.events if event.kind == step), None) for step in steps]
        known = [at for at in first if at is not None]
        assert known == sorted(known)
        if past.lost and past.then.stage is Stage.PENDING_PAYMENT:
            assert not known
        if past.lost and past.then.stage is not Stage.DELIVERED:
            assert not any(event.kind == "review.posted" for event in past.events)


def test_what_is_asked_is_answered_later_and_rated_last() -> None:
    order = ("service.consulted", "service.waited", "service.transferred", "service.answered", "service.rated")
    rated = [past for past in history().orders if any(event.kind == "service.rated" for event in past.events)]
    assert len(rated) > 100
    for past in rated:
        first = {f"{past.order.order_no}-{kind}-0" for kind in order}
        call = sorted((event.at, order.index(event.kind)) for event in past.events if event.event_id in first)
        assert [rank for _, rank in call] == sorted(rank for _, rank in call)


DOCUMENTED = set(re.findall(r"^    ([a-z]+\.[a-z_]+)", Event.__doc__ or "", re.MULTILINE))
ELSEWHERE = {"fulfilment.lane", "stock.substitute", "size.chart", "size.kept"}
"""Told of goods and lanes: they bear on answers, not on whether an order is lost."""


def test_every_documented_kind_of_event_happens_in_the_shop_and_no_other() -> None:
    own = {event.kind for past in history().orders for event in past.events}
    market = {event.kind for events in history().market_events.values() for event in events}
    assert own | market == DOCUMENTED - ELSEWHERE


def test_event_ids_are_unique_over_the_history() -> None:
    ids = [event.event_id for past in history().orders for event in past.events]
    ids += [event.event_id for events in history().market_events.values() for event in events]
    assert len(ids) == len(set(ids))


def test_who_asks_to_leave_is_mostly_lost() -> None:
    asked = [past for past in history().orders if past.goal in ("cancel_order", "request_refund")]
    assert share(asked, was_lost) > 0.8
    assert 0.02 < len(asked) / len(history().orders) < 0.12


def test_the_slow_warehouse_can_be_found() -> None:
    slow = [past for past in history().orders if past.order.attributes["warehouse"] == SLOW_WAREHOUSE]
    rest = [past for past in history().orders if past.order.attributes["warehouse"] != SLOW_WAREHOUSE]
    assert share(slow, shipped_late) > 1.7 * share(rest, shipped_late)


def test_the_carrier_that_turned_bad_in_one_province_can_be_found() -> None:
    theirs = [
        past
        for past in history().orders
        if past.order.attributes.get("carrier") == SLOW_CARRIER
        and past.order.address.province == SLOW_CARRIER_PROVINCE
        and not past.lost
    ]
    turned = NOW - timedelta(days=SLOW_CARRIER_DAYS)
    recent = [past for past in theirs if past.order.placed_at > turned]
    earlier = [past for past in theirs if past.order.placed_at <= turned]
    assert share(recent, delivered_late) > 2 * share(earlier, delivered_late)


def test_leaving_the_payment_page_costs_more_when_nobody_answers() -> None:
    quick = Circumstances(bounces=1, wait_minutes=4.9)
    slow = replace(quick, wait_minutes=5.1)
    alone = replace(slow, bounces=0)
    together = process.terms(slow)["payment"] - process.terms(quick)["payment"]
    assert together == pytest.approx(1.0)
    assert process.terms(alone)["payment"] == 0


@pytest.mark.parametrize(
    "worse",
    [
        Circumstances(late_hours=60),
        Circumstances(dispatch_late_hours=30),
        Circumstances(out_of_stock=True, restock_days=5),
        Circumstances(own_drop=0.2),
        Circumstances(competitor_drop=0.18),
        Circumstances(bounces=2),
        Circumstances(complaints=1),
        Circumstances(cancel_rate=0.5),
    ],
    ids=lambda facts: str(process.cause(facts)),
)
def test_each_circumstance_makes_a_loss_likelier(worse: Circumstances) -> None:
    assert process.probability(worse, Speech()) > process.probability(Circumstances(), Speech())


def test_goods_are_sold_above_cost_under_their_own_number() -> None:
    assert len({goods.sku for goods in GOODS}) == len(GOODS)
    assert all(0 < goods.cost_fen < goods.price_fen for goods in GOODS)
    assert len({goods.category for goods in GOODS}) == 10


def test_prices_paid_are_those_of_the_day() -> None:
    for past in history().orders[:500]:
        goods_fen = sum(line.qty * line.unit_price_fen for line in past.order.lines)
        discounted = past.order.promotion_id is not None
        assert (past.order.paid_fen - past.order.shipping_fen < goods_fen) is discounted
        assert past.order.paid_fen > past.order.cost_fen * 0.6


def test_a_case_is_told_of_price_and_stock_of_its_goods_alone() -> None:
    for past in list(settled(history()))[:300]:
        skus = {line.sku for line in past.then.lines}
        known = case(history(), past)
        assert all(event.sku in skus for event in known.events if event.order_no is None)


def test_dice_draw_as_they_say() -> None:
    dice = Dice(1, "test")
    many = range(20_000)
    assert sum(dice.unit() for _ in many) / 20_000 == pytest.approx(0.5, abs=0.01)
    assert sum(dice.chance(0.2) for _ in many) / 20_000 == pytest.approx(0.2, abs=0.01)
    assert sum(dice.count(1.5) for _ in many) / 20_000 == pytest.approx(1.5, abs=0.04)
    assert sum(dice.wait(3.0) for _ in many) / 20_000 == pytest.approx(3.0, abs=0.1)
    assert sum(dice.normal(2.0, 1.0) for _ in many) / 20_000 == pytest.approx(2.0, abs=0.03)
    weighted = Counter(dice.weighted("abc", (1, 2, 7)) for _ in many)
    assert weighted["c"] / 20_000 == pytest.approx(0.7, abs=0.02)
    along = Counter(dice.along((1, 3, 10)) for _ in many)
    assert along[1] / 20_000 == pytest.approx(0.2, abs=0.02)
    assert {dice.whole(1, 3) for _ in many} == {1, 2, 3}
