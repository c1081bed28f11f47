"""Which order is this about? Only the shopper's own orders count; a foreign number is an unknown number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from retention.conversation import Expecting
from retention.hearing import EntityKind
from retention.order import Order
from retention.reply import PERSON, Button, Say
from retention.visit import Answer, Visit, plain, say

LISTED = 5
UNKNOWN_BEFORE_HELP = 2


def own_order(visit: Visit, order_no: str) -> Order | None:
    """The order of that number if it is the shopper's."""
    order = visit.records.orders.find(order_no)
    if order is None or visit.customer is None or order.customer_id != visit.customer.customer_id:
        return None
    return order


def with_order(visit: Visit, move: Callable[[Visit, Order], Answer]) -> Answer:
    """Run a move on the order meant, or ask for it."""
    if visit.customer is None:
        return _sign_in(visit)
    typed = [entity for entity in visit.hearing.entities if entity.kind is EntityKind.ORDER_NO]
    if typed:
        # A shop may write its numbers in lower case: as typed, and as normalised.
        order = own_order(visit, typed[0].value) or own_order(visit, typed[0].text)
        return _go(visit, order, move) if order else unknown_number(visit)
    orders = visit.open_orders()
    named = named_order(orders, visit.turn.text)
    if named is not None:
        return _go(visit, named, move)
    kept = own_order(visit, visit.memory.order_no) if visit.memory.order_no else None
    if kept is not None:
        return _go(visit, kept, move)
    if len(orders) == 1:
        return _go(visit, orders[0], move)
    if orders:
        return which_order(visit, orders)
    return Answer(
        says=(say("no_open_order"),),
        memory=replace(visit.memory, expecting=None, options={}),
        decision=plain("informed", "no_open_order"),
    )


def _go(visit: Visit, order: Order, move: Callable[[Visit, Order], Answer]) -> Answer:
    """A new order in focus starts with a clean slate for what was asked about another."""
    memory = visit.memory
    if memory.order_no not in (None, order.order_no):
        memory = replace(
            memory, plan=None, grant_id=None, expecting=None, options={}, rounds=0, asked_reason=False, sku=None
        )
    memory = replace(memory, order_no=order.order_no, unknown_orders=0)
    return move(replace(visit, memory=memory), order)


def named_order(orders: Sequence[Order], text: str) -> Order | None:
    """The one open order whose goods the text names best, by the longest shared run of characters (two at least).

    A single order needs no name; a tie is no answer.
    """
    if len(orders) < 2:
        return None
    ranked = sorted(((_best_run(order, text), order.order_no) for order in orders), reverse=True)
    (best, order_no), (second, _) = ranked[0], ranked[1]
    if best < 2 or best == second:
        return None
    return next(order for order in orders if order.order_no == order_no)


def _best_run(order: Order, text: str) -> int:
    return max((_shared_run(line.title, text) for line in order.lines), default=0)


def _shared_run(title: str, text: str) -> int:
    """Length of the longest common substring; titles and messages are short."""
    longest = 0
    previous = [0] * (len(text) + 1)
    for left in title.lower():
        current = [0]
        for index, right in enumerate(text.lower()):
            run = previous[index] + 1 if left == right and not left.isspace() else 0
            current.append(run)
            longest = max(longest, run)
        previous = current
    return longest


def order_buttons(orders: Sequence[Order]) -> tuple[Button, ...]:
    return tuple(
        Button(title=f"{order.title} · 尾号 {order.order_no[-4:]}", text=order.order_no) for order in orders[:LISTED]
    )


def which_order(visit: Visit, orders: Sequence[Order]) -> Answer:
    return Answer(
        says=(Say(key="which_order", values={"count": str(len(orders))}, buttons=order_buttons(orders)),),
        memory=replace(visit.memory, expecting=Expecting.ORDER, options={}),
        decision=plain("asked", "which_order"),
    )


def unknown_number(visit: Visit) -> Answer:
    """A number that is not among the shopper's orders. The second in a row gets a way out, not the same question."""
    count = visit.memory.unknown_orders + 1
    orders = visit.open_orders()
    memory = replace(visit.memory, unknown_orders=count, expecting=Expecting.ORDER, options={})
    buttons = order_buttons(orders)
    if count < UNKNOWN_BEFORE_HELP:
        spoken = Say(key="unknown_order", buttons=buttons)
    else:
        spoken = Say(
            key="unknown_order_again" if orders else "unknown_order_person",
            buttons=(*buttons, PERSON),
        )
    return Answer(says=(spoken,), memory=memory, decision=plain("asked", "unknown_order"))


def _sign_in(visit: Visit) -> Answer:
    return Answer(
        says=(Say(key="sign_in", buttons=(PERSON,)),),
        memory=replace(visit.memory, expecting=None, options={}),
        decision=plain("asked", "not_signed_in"),
    )
