"""Orders and what was changed in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from secrets import token_hex

from sqlalchemy import Connection, bindparam, delete, select, update

from integrations.store.rows import Shape
from integrations.store.statements import insert_new, insert_or_replace
from integrations.store.tables import ORDER_CHANGES, ORDER_GOODS, ORDERS
from retention.change import OrderChange
from retention.errors import StoreBusyError
from retention.order import ENDED, Order
from retention.ports import Orders

ORDER = Shape(Order, ORDERS)
CHANGE = Shape(OrderChange, ORDER_CHANGES)

_FIND = ORDER.select().add_columns(ORDERS.c.revision).where(ORDERS.c.order_no == bindparam("order_no"))
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
_HAD_GOODS = delete(ORDER_GOODS).where(
    ORDER_GOODS.c.order_no == bindparam("of_order"), ORDER_GOODS.c.sku.not_in(bindparam("skus", expanding=True))
)
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
_CHANGES = (
    CHANGE.select()
    .where(ORDER_CHANGES.c.order_no == bindparam("order_no"))
    .order_by(ORDER_CHANGES.c.at, ORDER_CHANGES.c.change_id)
)


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
        if row is None:
            return None
        *fields, revision = row
        self._seen.setdefault(order_no, revision)
        return ORDER.value(fields)

    def put(self, order: Order) -> None:
        row = ORDER.row(order) | {"revision": token_hex(8)}
        self._name_goods([order])
        seen = self._seen.pop(order.order_no, None)
        if seen is None:
            self._connection.execute(_PUT, row)
            return
        row |= {"seen_order_no": order.order_no, "seen_revision": seen}
        if self._connection.execute(_PUT_SEEN, row).rowcount != 1:
            raise StoreBusyError

    def of_customer(self, customer_id: str, *, limit: int = 50) -> Sequence[Order]:
        return ORDER.all(self._connection, _OF_CUSTOMER, customer_id=customer_id, limit=limit)

    def with_goods(self, sku: str, *, after: str = "", limit: int = 500) -> Sequence[str]:
        return list(self._connection.scalars(_WITH_GOODS, {"of_sku": sku, "after": after, "limit": limit}))

    def changes(self, order_no: str) -> Sequence[OrderChange]:
        return CHANGE.all(self._connection, _CHANGES, order_no=order_no)

    def record_change(self, change: OrderChange) -> bool:
        return self._connection.execute(_RECORD, CHANGE.row(change)).rowcount == 1

    def _name_goods(self, orders: Iterable[Order]) -> None:
        """So that whoever has news about goods finds the orders of them."""
        goods = {order.order_no: sorted({line.sku for line in order.lines}) for order in orders}
        for order_no, skus in goods.items():
            self._connection.execute(_HAD_GOODS, {"of_order": order_no, "skus": skus})
        named = [{"sku": sku, "order_no": order_no} for order_no, skus in goods.items() for sku in skus]
        if named:
            self._connection.execute(_HAS_GOODS, named)
