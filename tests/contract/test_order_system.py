"""The embedded order system: what it allows by stage, and that it does nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.memory.store import MemoryStore
from integrations.oms import EmbeddedOrderSystem
from retention.change import ChangeKind, OrderChange
from retention.errors import ChangeRefusedError, NotFoundError
from retention.order import Order, Stage
from retention.ports import Store
from tests.contract.samples import CHANGE, NOW, ORDER

SYSTEM = EmbeddedOrderSystem()
DAY = timedelta(days=1)

PENDING_PAYMENT, PENDING_SHIPMENT = Stage.PENDING_PAYMENT, Stage.PENDING_SHIPMENT
IN_TRANSIT, OUT_FOR_DELIVERY, DELIVERED = Stage.IN_TRANSIT, Stage.OUT_FOR_DELIVERY, Stage.DELIVERED


def an_order(stage: Stage, *, delivered_days_ago: float | None = None, **attributes: object) -> Order:
    delivered_at = None if delivered_days_ago is None else NOW - delivered_days_ago * DAY
    return replace(ORDER, stage=stage, delivered_at=delivered_at, attributes=attributes)


def a_change(kind: ChangeKind, **change: str) -> OrderChange:
    return replace(CHANGE, change_id=f"K1/M1:{kind.value}", kind=kind, change=change)


def allowed(order: Order, kind: ChangeKind) -> bool:
    return SYSTEM.allows(order, kind, now=NOW)


def perform(store: Store, order: Order, change: OrderChange) -> Order:
    with store.transaction() as records:
        records.orders.put(order)
        SYSTEM.perform(records, change)
    with store.transaction() as records:
        found = records.orders.find(order.order_no)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("kind", "stages"),
    [
        (ChangeKind.AMEND_ADDRESS, {PENDING_PAYMENT, PENDING_SHIPMENT}),
        (ChangeKind.AMEND_VARIANT, {PENDING_PAYMENT, PENDING_SHIPMENT}),
        (ChangeKind.EXPEDITE, {PENDING_SHIPMENT, IN_TRANSIT, OUT_FOR_DELIVERY}),
        (ChangeKind.CANCEL, {PENDING_PAYMENT, PENDING_SHIPMENT}),
        (ChangeKind.REFUND, {IN_TRANSIT, OUT_FOR_DELIVERY, DELIVERED}),
        (ChangeKind.EXCHANGE, {DELIVERED}),
        (ChangeKind.SUBSTITUTE, {PENDING_SHIPMENT}),
        (ChangeKind.MERGE, {PENDING_SHIPMENT}),
        (ChangeKind.UNDO, set()),
    ],
)
def test_a_change_is_allowed_in_its_stages_only(kind: ChangeKind, stages: set[Stage]) -> None:
    assert {stage for stage in Stage if allowed(an_order(stage, delivered_days_ago=1), kind)} == stages


@pytest.mark.parametrize(
    ("stage", "editable", "expected"),
    [
        (PENDING_SHIPMENT, False, False),
        (PENDING_SHIPMENT, True, True),
        (IN_TRANSIT, True, True),
        (IN_TRANSIT, "yes", False),
        (OUT_FOR_DELIVERY, True, False),
        (DELIVERED, True, False),
    ],
)
def test_the_carrier_has_a_say_in_a_new_address(stage: Stage, editable: object, expected: bool) -> None:
    assert allowed(an_order(stage, address_editable=editable), ChangeKind.AMEND_ADDRESS) is expected


@pytest.mark.parametrize("kind", [ChangeKind.REFUND, ChangeKind.EXCHANGE])
@pytest.mark.parametrize(
    ("days_ago", "attributes", "expected"),
    [
        (7, {}, True),
        (7.01, {}, False),
        (14, {"return_days": 15}, True),
        (3, {"return_days": 2}, False),
        (6, {"return_days": "long"}, True),
        (6, {"return_days": True}, True),
        (1, {"final_sale": True}, False),
        (1, {"final_sale": False}, True),
        (None, {}, True),
    ],
)
def test_what_was_received_goes_back_within_its_window(
    kind: ChangeKind, days_ago: float | None, attributes: dict[str, object], expected: bool
) -> None:
    assert allowed(an_order(DELIVERED, delivered_days_ago=days_ago, **attributes), kind) is expected


def test_a_new_address_replaces_only_what_changed(store: Store) -> None:
    after = perform(store, ORDER, a_change(ChangeKind.AMEND_ADDRESS, detail="文三路 99 号", phone="13900000000"))
    moved = replace(ORDER.address, detail="文三路 99 号", phone="13900000000")
    assert after == replace(ORDER, address=moved)


def test_another_variant_is_noted_on_the_order(store: Store) -> None:
    after = perform(store, ORDER, a_change(ChangeKind.AMEND_VARIANT, sku="S1", variant="黑/L"))
    assert after == replace(ORDER, attributes={**ORDER.attributes, "variant": "黑/L"})


def test_another_quantity_changes_the_line_of_that_goods_and_not_the_money(store: Store) -> None:
    order = replace(ORDER, lines=(*ORDER.lines, replace(ORDER.lines[0], sku="S2")))
    after = perform(store, order, a_change(ChangeKind.AMEND_VARIANT, sku="S2", qty="3"))
    assert after == replace(order, lines=(order.lines[0], replace(order.lines[1], qty=3)))


def test_with_one_kind_of_goods_nobody_has_to_say_which(store: Store) -> None:
    after = perform(store, ORDER, a_change(ChangeKind.AMEND_VARIANT, qty="2"))
    assert [line.qty for line in after.lines] == [2]


@pytest.mark.parametrize("change", [{"sku": "S9", "variant": "L"}, {"qty": "0"}, {"qty": "-1"}, {"qty": "两件"}])
def test_a_variant_that_makes_no_sense_is_refused(store: Store, change: dict[str, str]) -> None:
    with pytest.raises(ChangeRefusedError):
        perform(store, ORDER, a_change(ChangeKind.AMEND_VARIANT, **change))


@pytest.mark.parametrize(("upgrade", "asked"), [("yes", {"carrier_upgrade_requested": True}), ("no", {})])
def test_expediting_asks_for_a_better_carrier_but_names_none(
    store: Store, upgrade: str, asked: dict[str, object]
) -> None:
    after = perform(store, ORDER, a_change(ChangeKind.EXPEDITE, upgrade_carrier=upgrade))
    assert after == replace(ORDER, attributes={**ORDER.attributes, "expedited": True, **asked})


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        (ChangeKind.CANCEL, PENDING_SHIPMENT, Stage.CANCELLED),
        (ChangeKind.REFUND, DELIVERED, Stage.AFTER_SALE),
        (ChangeKind.EXCHANGE, DELIVERED, Stage.AFTER_SALE),
    ],
)
def test_leaving_moves_the_order_on(store: Store, kind: ChangeKind, before: Stage, after: Stage) -> None:
    order = an_order(before, delivered_days_ago=1)
    assert perform(store, order, a_change(kind)) == replace(order, stage=after)


def test_a_change_is_on_record_and_a_second_time_does_nothing(store: Store) -> None:
    cancel = a_change(ChangeKind.CANCEL)
    cancelled = perform(store, ORDER, cancel)
    with store.transaction() as records:
        assert SYSTEM.perform(records, cancel) == cancelled
        assert list(records.orders.changes(ORDER.order_no)) == [cancel]


def test_an_unknown_order_is_not_found(store: Store) -> None:
    with store.transaction() as records, pytest.raises(NotFoundError, match="kind=order"):
        SYSTEM.perform(records, a_change(ChangeKind.CANCEL))


ORDERS = st.builds(
    an_order,
    st.sampled_from(Stage),
    delivered_days_ago=st.none() | st.floats(0, 20),
    address_editable=st.sampled_from([None, True, False, "yes"]),
    final_sale=st.sampled_from([None, True, False]),
    return_days=st.sampled_from([None, 0, 3, 15, "long"]),
)
NEED_MORE = {ChangeKind.MERGE, ChangeKind.SUBSTITUTE, ChangeKind.PICK_UP}
"""Kinds that make sense only with another order, other goods or a time: they have tests of their own."""
CHANGES = st.sampled_from([kind for kind in ChangeKind if kind not in NEED_MORE]).map(a_change)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=ORDERS, change=CHANGES)
def test_what_is_not_allowed_is_refused_and_the_order_unchanged(order: Order, change: OrderChange) -> None:
    store = MemoryStore()
    with store.transaction() as records:
        records.orders.put(order)
        if SYSTEM.allows(order, change.kind, now=change.at):
            SYSTEM.perform(records, change)
            assert list(records.orders.changes(order.order_no)) == [change]
            return
        with pytest.raises(ChangeRefusedError, match=f"stage={order.stage.value}"):
            SYSTEM.perform(records, change)
        assert records.orders.find(order.order_no) == order
        assert list(records.orders.changes(order.order_no)) == []
