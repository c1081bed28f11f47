"""Orders and what is stored around them, read many at a time: the same on every store."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from retention.order import Order
from retention.past import put_together
from retention.ports import Store
from tests.contract.samples import CHANGE, CONVERSATION, CUSTOMER, EVENT, HOUR, MESSAGE, NOW, ORDER

EVER = (NOW - timedelta(days=999), NOW + timedelta(days=999))


def an_order(number: int, *, minutes: int = 0, customer: str = "C1") -> Order:
    return replace(ORDER, order_no=f"A{number}", customer_id=customer, placed_at=NOW + timedelta(minutes=minutes))


def test_pages_hold_every_order_once_also_those_of_one_moment(store: Store) -> None:
    made = [an_order(number, minutes=number // 3) for number in range(10)]
    until = NOW + timedelta(minutes=4)
    read: list[Order] = []
    with store.transaction() as records:
        for order in (*reversed(made), an_order(99, minutes=-1), an_order(98, minutes=4)):
            records.orders.put(order)
        while page := records.past.placed(
            NOW, until, after=(read[-1].placed_at, read[-1].order_no) if read else None, limit=4
        ):
            read.extend(page)
    assert read == made


def test_orders_of_erased_people_are_left_out(store: Store) -> None:
    with store.transaction() as records:
        records.orders.put(an_order(1))
        records.orders.put(an_order(2, customer="C2"))
        records.erase_customer("C1", at=NOW)
        assert [order.order_no for order in records.past.placed(*EVER)] == ["A2"]


def test_the_span_is_from_the_first_order_to_the_last(store: Store) -> None:
    with store.transaction() as records:
        assert records.past.span() is None
        for minutes in (5, -7, 0):
            records.orders.put(an_order(minutes + 10, minutes=minutes))
        assert records.past.span() == (NOW - timedelta(minutes=7), NOW + timedelta(minutes=5))


def test_around_orders_lies_what_speaks_of_them_and_nothing_else(store: Store) -> None:
    mine, other, strange = an_order(1), an_order(2), an_order(3, customer="C2")
    told = {
        "own": replace(EVENT, event_id="own", order_no="A1", at=NOW - 500 * HOUR),  # whenever it was
        "end": replace(EVENT, event_id="end", order_no="A2", kind="order.cancelled"),
        "customer": replace(EVENT, event_id="customer", order_no=None, customer_id="C1", sku=None),
        "goods": replace(EVENT, event_id="goods", order_no=None, customer_id=None, sku="S1"),
    }
    not_told = (
        replace(EVENT, event_id="other's way", order_no="A2"),
        replace(EVENT, event_id="strange", order_no="A3"),
        replace(EVENT, event_id="another's goods", order_no=None, customer_id="C2", sku="S1"),
        replace(EVENT, event_id="other goods", order_no=None, customer_id=None, sku="S9"),
        replace(told["customer"], event_id="too early", at=NOW - 99 * HOUR),
        replace(told["goods"], event_id="too late", at=NOW + 99 * HOUR),
    )
    change = replace(CHANGE, order_no="A2")
    with store.transaction() as records:
        for order in (mine, other, strange):
            records.orders.put(order)
        records.customers.put(CUSTOMER)
        records.events.add([*told.values(), *not_told])
        records.orders.record_change(change)
        records.orders.record_change(replace(CHANGE, change_id="x", order_no="A3"))
        around = records.past.around([mine], since=NOW - 48 * HOUR, until=NOW + 48 * HOUR)
    assert around.customers == {"C1": CUSTOMER}
    assert sorted(order.order_no for order in around.others) == ["A1", "A2"]
    assert list(around.changes) == [change]
    assert {event.event_id: event for event in around.events} == told
    [past] = put_together([mine], around)
    assert [event.event_id for event in past.events] == ["own", *sorted(["customer", "goods"])]
    assert [one.order for one in past.others] == [other]
    assert past.others[0].changes == (change,)


def test_heard_messages_of_the_customer_are_told_and_nobody_elses(store: Store) -> None:
    heard = replace(MESSAGE, at=NOW)
    with store.transaction() as records:
        records.orders.put(an_order(1))
        records.conversations.put(CONVERSATION)
        records.conversations.put(replace(CONVERSATION, conversation_id="K2", customer_id="C2"))
        records.messages.add(heard)
        records.messages.add(replace(heard, message_id="unheard", hearing=None))
        records.messages.add(replace(heard, message_id="early", at=NOW - 99 * HOUR))
        records.messages.add(replace(heard, conversation_id="K2"))
        around = records.past.around([an_order(1)], since=NOW - HOUR, until=NOW + HOUR)
    assert [(turn.conversation_id, turn.message_id) for turn in around.turns["C1"]] == [("K1", heard.message_id)]
    assert set(around.turns) == {"C1"}


def test_more_orders_than_a_statement_takes_are_read(store: Store) -> None:
    many = [an_order(number, customer=f"C{number}") for number in range(1, 521)]
    with store.transaction() as records:
        for order in many:
            records.orders.put(order)
        assert len(records.past.around(many, since=NOW, until=NOW).others) == 520
