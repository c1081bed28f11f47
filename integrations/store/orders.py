"""Orders and what was changed in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from secrets import token_hex
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from integrations.store.rows import Shape
from integrations.store.statements import in_parts, insert_new, insert_or_replace
from integrations.store.tables import ORDER_CHANGES, ORDER_GOODS, ORDERS
from retention.change import OrderChange
from retention.errors import StoreBusyError
from retention.order import ENDED, Order
from retention.ports import Orders

ORDER = Shape(Order, ORDERS)
CHANGE = Shape(OrderChange, ORDER_CHANGES)

_WITH_REVISION = ORDER.select().add_columns(ORDERS.c.revision)
_FIND = _WITH_REVISION.where(ORDERS.c.order_no == bindparam("order_no"))
_FIND_ALL = _WITH_REVISION.where(ORDERS.c.order_no.in_(bindparam("keys", expanding=True)))
_PUT = insert_or_replace(ORDERS)
_PUT_SEEN = (
    update(ORDERS)
    .where(ORDERS.c.order_no == bindparam("seen_order_no"), ORDERS.c.revision == bindparam("seen_revision"))
    .values({name: bindparam(name) for name in (*ORDER.names, "revision")})
)
_OF_CUSTOMER = (
    ORDER.select()
    .where(ORDERS.c.customer_id == bindparam("customer_id"))
    .order_by(ORDERS.c.placed_at.desc(), ORDERS.c.order_no.desc())
    .limit(bindparam("limit"))
)
_HAD_GOODS = delete(ORDER_GOODS).where(ORDER_GOODS.c.order_no.in_(bindparam("keys", expanding=True)))
_HAS_GOODS = insert_new(ORDER_GOODS)
_WITH_GOODS = (
    select(ORDERS.c.order_no)
    .join(ORDER_GOODS, ORDER_GOODS.c.order_no == ORDERS.c.order_no)
    .where(
        ORDER_GOODS.c.sku == bindparam("of_sku"),
        ORDER_GOODS.c.order_no > bindparam("after"),
        ORDERS.c.stage.not_in(sorted(stage.value for stage in ENDED)),
    )
    .order_by(ORDER_GOODS.c.order_no)
    .limit(bindparam("limit"))
)
_RECORD = insert_new(ORDER_CHANGES)
_OLDEST_FIRST = CHANGE.select().order_by(ORDER_CHANGES.c.at, ORDER_CHANGES.c.change_id)
_CHANGES = _OLDEST_FIRST.where(ORDER_CHANGES.c.order_no == bindparam("order_no"))
_CHANGES_OF = _OLDEST_FIRST.where(ORDER_CHANGES.c.order_no.in_(bindparam("keys", expanding=True)))


class SqlOrders(Orders):
    """An order that was found here is only put back over the revision that was found.

    Otherwise two conversations about one order, or a turn and the shop's own update, could undo each other on
    PostgreSQL; the later one gets a StoreBusyError and starts again from what the first one wrote.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._seen: dict[str, str] = {}  # revision by order number

    def find(self, order_no: str) -> Order | None:
        row = self._connection.execute(_FIND, {"order_no": order_no}).first()
        return None if row is None else self._see(row)

    def find_all(self, order_nos: Collection[str]) -> Mapping[str, Order]:
        rows = [row for part in in_parts(order_nos) for row in self._connection.execute(_FIND_ALL, {"keys": part})]
        return {order.order_no: order for order in map(self._see, rows)}

    def _see(self, row: Iterable[Any]) -> Order:
        *fields, revision = row
        order = ORDER.value(fields)
        self._seen.setdefault(order.order_no, revision)
        return order

    def put(self, order: Order) -> None:
        self._name_goods([order])
        row = _row(order)
        seen = self._seen.pop(order.order_no, None)
        if seen is None:
            self._connection.execute(_PUT, row)
            return
        row |= {"seen_order_no": order.order_no, "seen_revision": seen}
        if self._connection.execute(_PUT_SEEN, row).rowcount != 1:
            raise StoreBusyError

    def put_all(self, orders: Sequence[Order]) -> None:
        seen = [order for order in orders if order.order_no in self._seen]
        unseen = [order for order in orders if order.order_no not in self._seen]
        if unseen:
            self._connection.execute(_PUT, [_row(order) for order in unseen])
            self._name_goods(unseen)
        for order in seen:
            self.put(order)

    def of_customer(self, customer_id: str, *, limit: int = 50) -> Sequence[Order]:
        return ORDER.all(self._connection, _OF_CUSTOMER, customer_id=customer_id, limit=limit)

    def with_goods(self, sku: str, *, after: str = "", limit: int = 500) -> Sequence[str]:
        return list(self._connection.scalars(_WITH_GOODS, {"of_sku": sku, "after": after, "limit": limit}))

    def changes(self, order_no: str) -> Sequence[OrderChange]:
        return CHANGE.all(self._connection, _CHANGES, order_no=order_no)

    def changes_of(self, order_nos: Collection[str]) -> Mapping[str, Sequence[OrderChange]]:
        changes: dict[str, list[OrderChange]] = defaultdict(list)
        for part in in_parts(order_nos):
            for change in CHANGE.all(self._connection, _CHANGES_OF, keys=part):
                changes[change.order_no].append(change)
        return changes

    def record_change(self, change: OrderChange) -> bool:
        return self._connection.execute(_RECORD, CHANGE.row(change)).rowcount == 1

    def _name_goods(self, orders: Iterable[Order]) -> None:
        """So that whoever has news about goods finds the orders of them."""
        goods = {order.order_no: {line.sku for line in order.lines} for order in orders}
        for part in in_parts(goods):
            self._connection.execute(_HAD_GOODS, {"keys": part})
        named = [{"sku": sku, "order_no": order_no} for order_no, skus in sorted(goods.items()) for sku in sorted(skus)]
        if named:
            self._connection.execute(_HAS_GOODS, named)


def _row(order: Order) -> dict[str, Any]:
    return ORDER.row(order) | {"revision": token_hex(8)}
