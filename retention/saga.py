"""Several changes as one: when a later one is refused, those before it are taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from retention.change import OrderChange
from retention.errors import ChangeRefusedError, NotFoundError
from retention.order import Order
from retention.ports import OrderSystem, Records


@dataclass(frozen=True, kw_only=True)
class Carried:
    """What became of the steps. ``done`` stand; ``refused`` stopped the rest; ``stuck`` should be gone and are not."""

    done: tuple[OrderChange, ...] = ()
    refused: OrderChange | None = None
    stuck: tuple[OrderChange, ...] = ()


def carry_out(records: Records, order_system: OrderSystem, steps: Sequence[OrderChange]) -> Carried:
    """Perform all steps in order, or none of them."""
    done: list[tuple[OrderChange, Order]] = []
    for step in steps:
        before = records.orders.find(step.order_no)
        try:
            order_system.perform(records, step)
        except (ChangeRefusedError, NotFoundError):
            return Carried(refused=step, stuck=_take_back(records, order_system, done))
        if before is not None:
            done.append((step, before))
    return Carried(done=tuple(steps))


def _take_back(
    records: Records, order_system: OrderSystem, done: Sequence[tuple[OrderChange, Order]]
) -> tuple[OrderChange, ...]:
    """Newest first, so that each order stands as the step found it; returns what could not be taken back."""
    return tuple(step for step, before in reversed(done) if not _undone(records, order_system, step, before))


def _undone(records: Records, order_system: OrderSystem, step: OrderChange, before: Order) -> bool:
    try:
        order_system.undo(records, step, before, at=step.at)
    except (ChangeRefusedError, NotFoundError):
        return False
    return True
