"""The embedded order system on parts of an order, on parcels, and on taking back what it did."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.memory.store import MemoryStore
from integrations.oms import EmbeddedOrderSystem, as_promised
from retention.change import ChangeKind, OrderChange, standing
from retention.errors import ChangeRefusedError, NotFoundError
from retention.order import Order, Stage
from retention.ports import Store
from tests.contract.samples import CHANGE, NOW, ORDER

SYSTEM = EmbeddedOrderSystem()
HOUR = timedelta(hours=1)
SHIRT = ORDER.lines[0]
SHOES = replace(SHIRT, sku="S2", title="跑鞋", qty=2, unit_price_fen=10_000, unit_cost_fen=6_000)
TWO = replace(ORDER, lines=(SHIRT, SHOES), paid_fen=29_100 + 20_000 + 800)
DELIVERED = replace(TWO, stage=Stage.DELIVERED, delivered_at=NOW - HOUR)


def a_change(kind: ChangeKind, order_no: str = ORDER.order_no, **change: str) -> OrderChange:
    return replace(CHANGE, change_id=f"K1/M1:{kind.value}:{order_no}", order_no=order_no, kind=kind, change=change)


def perform(store: Store, change: OrderChange, *orders: Order) -> Order:
    with store.transaction() as records:
        for order in orders:
            records.orders.put(order)
        SYSTEM.perform(records, change)
    with store.transaction() as records:
        found = records.orders.find(change.order_no)
    assert found is not None
    return found


def test_goods_leave_the_order_and_what_was_paid_for_them_is_paid_back(store: Store) -> None:
    after = perform(store, a_change(ChangeKind.CANCEL_LINE, sku="S2"), TWO)
    assert after == replace(TWO, lines=(SHIRT,), paid_fen=29_900)


def test_of_several_pieces_some_may_stay(store: Store) -> None:
    after = perform(store, a_change(ChangeKind.CANCEL_LINE, sku="S2", left="1"), TWO)
    assert after == replace(TWO, lines=(SHIRT, replace(SHOES, qty=1)), paid_fen=39_900)


def test_a_discount_is_spread_over_the_goods_by_price(store: Store) -> None:
    cheaper = replace(TWO, paid_fen=49_100 // 2 + 800)
    after = perform(store, a_change(ChangeKind.CANCEL_LINE, sku="S2"), cheaper)
    assert cheaper.paid_fen - after.paid_fen == 10_000


@pytest.mark.parametrize(
    ("order", "change"),
    [
        (TWO, {"sku": "S9"}),
        (TWO, {"sku": "S2", "left": "2"}),
        (TWO, {"sku": "S2", "left": "一"}),
        (ORDER, {"sku": "S1"}),
        (replace(TWO, stage=Stage.IN_TRANSIT), {"sku": "S2"}),
    ],
)
def test_what_leaves_nothing_or_changes_nothing_is_no_part(store: Store, order: Order, change: dict[str, str]) -> None:
    with pytest.raises(ChangeRefusedError):
        perform(store, a_change(ChangeKind.CANCEL_LINE, **change), order)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    paid_fen=st.integers(800, 60_000),
    goes=st.lists(st.sampled_from([("S1", "0"), ("S2", "0"), ("S2", "1")]), max_size=4),
)
def test_taking_goods_out_never_pays_back_more_than_was_paid(paid_fen: int, goes: list[tuple[str, str]]) -> None:
    store, order = MemoryStore(), replace(TWO, paid_fen=paid_fen)
    with store.transaction() as records:
        records.orders.put(order)
        for place, (sku, left) in enumerate(goes):
            change = replace(a_change(ChangeKind.CANCEL_LINE, sku=sku, left=left), change_id=f"c{place}")
            try:
                after = SYSTEM.perform(records, change)
            except ChangeRefusedError:
                continue
            assert after.shipping_fen <= after.paid_fen <= order.paid_fen
            assert after.lines
            order = after


def test_goods_go_back_one_by_one_and_the_order_with_the_last_of_them(store: Store) -> None:
    first = perform(store, a_change(ChangeKind.REFUND_LINE, sku="S2"), DELIVERED)
    assert (first.stage, first.attributes["after_sale"]) == (Stage.DELIVERED, ["S2"])
    last = replace(a_change(ChangeKind.EXCHANGE, sku="S1", variant="L"), change_id="K1/M2:exchange")
    assert perform(store, last).stage is Stage.AFTER_SALE


def test_another_variant_of_one_of_several_goods_is_noted_with_it(store: Store) -> None:
    after = perform(store, a_change(ChangeKind.AMEND_VARIANT, sku="S2", variant="白 43"), TWO)
    assert after.variant_of("S2") == "白 43"
    assert after.variant_of("S1") == TWO.variant_of("S1")


def test_orders_to_one_door_travel_in_one_parcel(store: Store) -> None:
    other = replace(TWO, order_no="A2")
    merge = a_change(ChangeKind.MERGE, "A2", into=ORDER.order_no)
    assert perform(store, merge, ORDER, other).attributes["ship_with"] == ORDER.order_no


@pytest.mark.parametrize(
    "into",
    [
        replace(ORDER, address=replace(ORDER.address, detail="别处 1 号")),
        replace(ORDER, customer_id="C2"),
        replace(ORDER, stage=Stage.IN_TRANSIT),
    ],
)
def test_no_parcel_goes_to_two_doors_two_people_or_twice(store: Store, into: Order) -> None:
    with pytest.raises(ChangeRefusedError):
        perform(store, a_change(ChangeKind.MERGE, "A2", into=ORDER.order_no), into, replace(TWO, order_no="A2"))


def test_some_goods_wait_while_the_others_go(store: Store) -> None:
    after = perform(store, a_change(ChangeKind.SPLIT, later="S2"), TWO)
    assert after.attributes["ships_later"] == ["S2"]


@pytest.mark.parametrize("later", ["", "S1,S2", "S9"])
def test_nothing_and_everything_is_no_split(store: Store, later: str) -> None:
    with pytest.raises(ChangeRefusedError):
        perform(store, a_change(ChangeKind.SPLIT, later=later), TWO)


def test_cheaper_goods_instead_pay_the_difference_back(store: Store) -> None:
    change = a_change(ChangeKind.SUBSTITUTE, sku="S2", by="S3", title="健步鞋", price_fen="9000")
    after = perform(store, change, TWO)
    assert [(line.sku, line.qty, line.unit_price_fen) for line in after.lines][1] == ("S3", 2, 9_000)
    assert after.paid_fen == TWO.paid_fen - 2_000


def test_dearer_goods_are_never_sent_instead(store: Store) -> None:
    change = a_change(ChangeKind.SUBSTITUTE, sku="S2", by="S3", title="健步鞋", price_fen="10001")
    with pytest.raises(ChangeRefusedError):
        perform(store, change, TWO)


FETCHED = replace(DELIVERED, attributes={"pick_up": {"hours": ["9-12"]}})


def test_the_courier_comes_at_a_time_to_come(store: Store) -> None:
    begin, end = (NOW + 5 * HOUR).isoformat(), (NOW + 8 * HOUR).isoformat()
    after = perform(store, a_change(ChangeKind.PICK_UP, **{"from": begin, "until": end}), FETCHED)
    assert after.attributes["pick_up_at"] == f"{begin}/{end}"


def test_the_courier_does_not_come_yesterday_nor_where_the_shop_has_none(store: Store) -> None:
    past = {"from": (NOW - HOUR).isoformat(), "until": NOW.isoformat()}
    with pytest.raises(ChangeRefusedError):
        perform(store, a_change(ChangeKind.PICK_UP, **past), FETCHED)
    ahead = {"from": (NOW + HOUR).isoformat(), "until": (NOW + 2 * HOUR).isoformat()}
    with pytest.raises(ChangeRefusedError):
        perform(store, a_change(ChangeKind.PICK_UP, **ahead), DELIVERED)


def test_what_is_taken_back_leaves_the_order_as_it_was_and_both_on_record(store: Store) -> None:
    change = a_change(ChangeKind.CANCEL_LINE, sku="S2")
    perform(store, change, TWO)
    with store.transaction() as records:
        SYSTEM.undo(records, change, TWO, at=NOW)
        SYSTEM.undo(records, change, TWO, at=NOW)
    with store.transaction() as records:
        assert records.orders.find(TWO.order_no) == TWO
        changes = list(records.orders.changes(TWO.order_no))
    assert [each.kind for each in changes] == [ChangeKind.CANCEL_LINE, ChangeKind.UNDO]
    assert standing(changes) == ()


def test_nothing_is_taken_back_of_an_order_nobody_knows(store: Store) -> None:
    with store.transaction() as records, pytest.raises(NotFoundError):
        SYSTEM.undo(records, a_change(ChangeKind.CANCEL), ORDER, at=NOW)


def test_an_order_sent_again_is_without_what_was_cancelled_of_it_until_it_is_shipped() -> None:
    cancelled = (a_change(ChangeKind.CANCEL_LINE, sku="S2", left="1"),)
    known = as_promised(TWO, cancelled)
    assert [line.qty for line in known.lines] == [1, 1]
    assert as_promised(known, cancelled) == known, "the shop has it already"
    shipped = replace(TWO, stage=Stage.IN_TRANSIT)
    assert as_promised(shipped, cancelled) == shipped
    undone = replace(cancelled[0], kind=ChangeKind.UNDO, change_id="u", change={"change_id": cancelled[0].change_id})
    assert as_promised(TWO, (*cancelled, undone)) == TWO
