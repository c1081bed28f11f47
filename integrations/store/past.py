"""Orders and what is stored around them, many at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import BindParameter, Connection, Select, and_, bindparam, or_, select

from integrations.store.conversations import CONVERSATION
from integrations.store.customers import CUSTOMER
from integrations.store.events import EVENT
from integrations.store.messages import MESSAGE
from integrations.store.orders import CHANGE, ORDER
from integrations.store.rows import Shape
from integrations.store.tables import CONVERSATIONS, CUSTOMERS, EVENTS, MESSAGES, ORDER_CHANGES, ORDERS
from retention.conversation import Author, Message
from retention.order import Order
from retention.risk_ports import Past
from retention.surroundings import LEFT, Surroundings

T = TypeVar("T")
AT_ONCE = 500  # SQLite takes only so many parameters in a statement

_WANTED: BindParameter[Any] = bindparam("wanted", expanding=True)
_WITHIN = (EVENTS.c.at >= bindparam("since"), EVENTS.c.at < bindparam("until"))
_PLACED = (
    ORDER.select()
    .where(
        ORDERS.c.placed_at >= bindparam("since"), ORDERS.c.placed_at < bindparam("until"), ORDERS.c.customer_id != ""
    )
    .order_by(ORDERS.c.placed_at, ORDERS.c.order_no)
    .limit(bindparam("limit"))
)
_AFTER = _PLACED.where(
    or_(
        ORDERS.c.placed_at > bindparam("last_at"),
        and_(ORDERS.c.placed_at == bindparam("last_at"), ORDERS.c.order_no > bindparam("last_order")),
    )
)
_FIRST = select(ORDERS.c.placed_at).order_by(ORDERS.c.placed_at).limit(1)
_LAST = select(ORDERS.c.placed_at).order_by(ORDERS.c.placed_at.desc()).limit(1)
_CUSTOMERS = CUSTOMER.select().where(CUSTOMERS.c.customer_id.in_(_WANTED))
_OTHERS = ORDER.select().where(ORDERS.c.customer_id.in_(_WANTED))
_CHANGES = CHANGE.select().where(ORDER_CHANGES.c.order_no.in_(_WANTED))
_OF_ORDERS = EVENT.select().where(EVENTS.c.order_no.in_(_WANTED))
_ENDINGS = _OF_ORDERS.where(EVENTS.c.kind.in_(sorted(LEFT)))
_OF_CUSTOMERS = EVENT.select().where(EVENTS.c.customer_id.in_(_WANTED), EVENTS.c.order_no.is_(None), *_WITHIN)
_OF_GOODS = EVENT.select().where(
    EVENTS.c.sku.in_(_WANTED), EVENTS.c.order_no.is_(None), EVENTS.c.customer_id.is_(None), *_WITHIN
)
_TALKS = CONVERSATION.select().where(CONVERSATIONS.c.customer_id.in_(_WANTED))
_TURNS = MESSAGE.select().where(
    MESSAGES.c.conversation_id.in_(_WANTED),
    MESSAGES.c.author == Author.SHOPPER.value,
    MESSAGES.c.hearing.is_not(None),
    MESSAGES.c.at >= bindparam("since"),
    MESSAGES.c.at < bindparam("until"),
)


class SqlPast(Past):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def span(self) -> tuple[datetime, datetime] | None:
        first = self._connection.execute(_FIRST).scalar()
        last = self._connection.execute(_LAST).scalar()
        return (first, last) if first is not None and last is not None else None

    def placed(
        self, since: datetime, until: datetime, *, after: tuple[datetime, str] | None = None, limit: int = 500
    ) -> Sequence[Order]:
        if after is None:
            return ORDER.all(self._connection, _PLACED, since=since, until=until, limit=limit)
        # the lower bound moves along, so that the index begins at this page and not at the first
        past = {"since": max(since, after[0]), "last_at": after[0], "last_order": after[1]}
        return ORDER.all(self._connection, _AFTER, until=until, limit=limit, **past)

    def around(self, orders: Sequence[Order], *, since: datetime, until: datetime) -> Surroundings:
        customers = {order.customer_id for order in orders}
        own = {order.order_no for order in orders}
        time = {"since": since, "until": until}
        others = self._all(ORDER, _OTHERS, customers)
        theirs = {order.order_no for order in others}
        return Surroundings(
            customers={one.customer_id: one for one in self._all(CUSTOMER, _CUSTOMERS, customers)},
            others=others,
            changes=self._all(CHANGE, _CHANGES, theirs),
            events=[
                *self._all(EVENT, _OF_ORDERS, own),
                *self._all(EVENT, _ENDINGS, theirs - own),
                *self._all(EVENT, _OF_CUSTOMERS, customers, **time),
                *self._all(EVENT, _OF_GOODS, {line.sku for order in orders for line in order.lines}, **time),
            ],
            turns=self._turns(customers, **time),
        )

    def _turns(self, customers: Iterable[str], **time: datetime) -> dict[str, list[Message]]:
        owner = {one.conversation_id: one.customer_id for one in self._all(CONVERSATION, _TALKS, customers)}
        found: dict[str, list[Message]] = {}
        for turn in self._all(MESSAGE, _TURNS, owner, **time):
            found.setdefault(owner[turn.conversation_id] or "", []).append(turn)
        return found

    def _all(self, shape: Shape[T], statement: Select[Any], wanted: Iterable[str], **more: datetime) -> list[T]:
        keys = sorted(wanted)
        return [
            one
            for start in range(0, len(keys), AT_ONCE)
            for one in shape.all(self._connection, statement, wanted=keys[start : start + AT_ONCE], **more)
        ]
