"""Events are kept once and found by the order, the customer or the goods they are about."""

from __future__ import annotations

from dataclasses import replace

from retention.ports import Store
from tests.contract.samples import EVENT, HOUR, NOW, ORDER

LONG_AGO = NOW - 1_000 * HOUR
OF_ORDER = replace(EVENT, event_id="of-order", at=NOW - 5 * HOUR)
OF_CUSTOMER = replace(EVENT, event_id="of-customer", order_no=None, customer_id="C1", at=NOW - 4 * HOUR)
OF_GOODS = replace(EVENT, event_id="of-goods", order_no=None, sku="S1", at=NOW - 3 * HOUR)
OTHERS = [
    replace(EVENT, event_id="another-order", order_no="A9", customer_id="C1", sku="S1"),
    replace(EVENT, event_id="another-customer", order_no=None, customer_id="C9"),
    replace(EVENT, event_id="another-customer-and-these-goods", order_no=None, customer_id="C9", sku="S1"),
    replace(EVENT, event_id="other-goods", order_no=None, sku="S9"),
    replace(EVENT, event_id="nothing", order_no=None),
]


def test_an_event_sent_again_is_ignored(store: Store) -> None:
    with store.transaction() as records:
        assert records.events.add([EVENT, replace(EVENT, event_id="E2"), replace(EVENT, kind="payment.failed")]) == 2
        assert records.events.add([EVENT, replace(EVENT, event_id="E3")]) == 1
        assert records.events.add([EVENT]) == 0
        assert records.events.add([]) == 0
        assert [event.kind for event in records.events.about(ORDER, since=LONG_AGO)] == [EVENT.kind] * 3


def test_an_order_is_told_what_names_it_its_customer_or_its_goods_and_nothing_else(store: Store) -> None:
    with store.transaction() as records:
        records.events.add([*OTHERS, OF_GOODS, OF_CUSTOMER, OF_ORDER])
        assert list(records.events.about(ORDER, since=LONG_AGO)) == [OF_ORDER, OF_CUSTOMER, OF_GOODS]


def test_an_event_that_names_order_customer_and_goods_is_told_once(store: Store) -> None:
    event = replace(EVENT, customer_id="C1", sku="S1")
    with store.transaction() as records:
        records.events.add([event])
        assert list(records.events.about(ORDER, since=LONG_AGO)) == [event]


def test_when_there_are_too_many_the_newest_are_told_oldest_first(store: Store) -> None:
    with store.transaction() as records:
        records.events.add([OF_ORDER, OF_CUSTOMER, OF_GOODS])
        assert list(records.events.about(ORDER, since=LONG_AGO, limit=2)) == [OF_CUSTOMER, OF_GOODS]


def test_what_happened_before_is_not_told(store: Store) -> None:
    with store.transaction() as records:
        records.events.add([OF_ORDER, OF_CUSTOMER])
        assert list(records.events.about(ORDER, since=OF_CUSTOMER.at)) == [OF_CUSTOMER]


def test_an_order_without_lines_has_no_goods_to_be_told_of(store: Store) -> None:
    with store.transaction() as records:
        records.events.add([OF_GOODS])
        assert list(records.events.about(replace(ORDER, lines=()), since=LONG_AGO)) == []
