"""A shop's stored past played again: every write at the moment it was made, so that one may ask in between."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from retention.customer import Customer
from retention.event import Event
from retention.order import Order, Stage
from retention.ports import Records

Write = Callable[[Records], None]
AT_REST = timedelta(days=7)
ONLY_SHIPPED = ("carrier", "tracking_no")


@dataclass(frozen=True, kw_only=True)
class Lived:
    """An order as it stands in the end, and what was told of it. ``lost_at`` is when it was cancelled or refunded."""

    order: Order
    events: Sequence[Event] = ()
    lost_at: datetime | None = None

    @property
    def ended_at(self) -> datetime | None:
        """When the shop's CRM counted it."""
        if self.lost_at is not None:
            return self.lost_at
        closed = self.order.stage is Stage.CLOSED and self.order.delivered_at is not None
        return self.order.delivered_at + AT_REST if closed and self.order.delivered_at else None

    def states(self) -> Iterator[tuple[datetime, Order]]:
        """The order as the shop's order system sent it each time it moved."""
        end, last = self.order, self.ended_at
        times = [
            (end.placed_at, Stage.PENDING_PAYMENT),
            (end.paid_at, Stage.PENDING_SHIPMENT),
            (end.shipped_at, Stage.IN_TRANSIT),
            (_between(end.shipped_at, end.delivered_at), Stage.OUT_FOR_DELIVERY),
            (end.delivered_at, Stage.DELIVERED),
        ]
        for at, stage in times:
            if at is not None:
                yield at, _sent(end, stage)
        if last is not None:
            yield last, end


def _between(start: datetime | None, end: datetime | None) -> datetime | None:
    return start + (end - start) * 0.9 if start is not None and end is not None else None


def _sent(end: Order, stage: Stage) -> Order:
    paid = stage is not Stage.PENDING_PAYMENT
    shipped = stage in (Stage.IN_TRANSIT, Stage.OUT_FOR_DELIVERY, Stage.DELIVERED)
    attributes = {
        name: value
        for name, value in end.attributes.items()
        if name != "refunded" and (shipped or name not in ONLY_SHIPPED)
    }
    return replace(
        end,
        stage=stage,
        paid_at=end.paid_at if paid else None,
        promised_ship_at=end.promised_ship_at if paid else None,
        promised_delivery_at=end.promised_delivery_at if paid else None,
        shipped_at=end.shipped_at if shipped else None,
        delivered_at=end.delivered_at if stage is Stage.DELIVERED else None,
        attributes=attributes,
    )


@dataclass(frozen=True, kw_only=True)
class Replay:
    """``customers`` are as known before the first order; ``market`` are events about goods."""

    customers: Sequence[Customer]
    lives: Sequence[Lived]
    market: Sequence[Event] = field(default=())

    def writes(self) -> list[tuple[datetime, Write]]:
        """In the order they were made; the customers first."""
        beginning = min(life.order.placed_at for life in self.lives) - timedelta(days=1)
        made: list[tuple[datetime, Write]] = [(beginning, _put_all(self.customers))]
        for life in self.lives:
            made += [(at, _put_order(order)) for at, order in life.states()]
            made += [(event.at, _tell(event)) for event in life.events]
        made += [(event.at, _tell(event)) for event in self.market]
        made += self._counted()
        return sorted(made, key=lambda one: one[0])

    def _counted(self) -> Iterator[tuple[datetime, Write]]:
        """The CRM counts an order when it has ended."""
        known: dict[str, Customer] = {one.customer_id: one for one in self.customers}
        ended = [(life.ended_at, life) for life in self.lives if life.ended_at is not None]
        for at, life in sorted(ended, key=lambda one: (one[0], one[1].order.order_no)):
            customer = known[life.order.customer_id]
            returned = life.lost_at is not None and life.order.delivered_at is not None
            counted = replace(
                customer,
                lifetime_orders=customer.lifetime_orders + 1,
                lifetime_spend_fen=customer.lifetime_spend_fen + (0 if life.lost_at else life.order.paid_fen),
                cancelled_orders=customer.cancelled_orders + (life.lost_at is not None and not returned),
                returned_orders=customer.returned_orders + returned,
            )
            known[customer.customer_id] = counted
            yield at, _put_all([counted])


def _put_all(customers: Iterable[Customer]) -> Write:
    def write(records: Records) -> None:
        for customer in customers:
            records.customers.put(customer)

    return write


def _put_order(order: Order) -> Write:
    return lambda records: records.orders.put(order)


def _tell(event: Event) -> Write:
    def write(records: Records) -> None:
        records.events.add([event])

    return write


def told_of(values: Mapping[str, float], other: Mapping[str, float]) -> dict[str, tuple[float, float]]:
    """What differs, for a readable failure."""
    return {name: (values[name], other[name]) for name in values if values[name] != other[name]}
