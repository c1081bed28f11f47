"""Several changes as one plan: all of them, or an order that is as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from integrations.memory.store import MemoryStore
from integrations.oms import EmbeddedOrderSystem
from retention.change import ChangeKind, OrderChange, standing
from retention.errors import ChangeRefusedError
from retention.order import Order
from retention.ports import Records
from retention.saga import Carried, carry_out
from tests.unit.counter import NOW, order

FIRST, SECOND = order(), order("TQ20261120002")


class Stubborn(EmbeddedOrderSystem):
    """Refuses the named kinds of change, and to take back the named ones."""

    def __init__(self, *refused: ChangeKind, keeps: frozenset[ChangeKind] = frozenset()) -> None:
        self._refused = refused
        self._keeps = keeps

    def perform(self, records: Records, change: OrderChange) -> Order:
        if change.kind in self._refused:
            raise ChangeRefusedError(change.order_no, change.kind.value, "any")
        return super().perform(records, change)

    def undo(self, records: Records, done: OrderChange, before: Order, *, at: datetime) -> Order:
        if done.kind in self._keeps:
            raise ChangeRefusedError(done.order_no, done.kind.value, "any")
        return super().undo(records, done, before, at=at)


def change(kind: ChangeKind, order_no: str = FIRST.order_no, **data: str) -> OrderChange:
    return OrderChange(
        change_id=f"m1:{kind.value}:{order_no}", order_no=order_no, kind=kind, change=data, at=NOW, actor="bot"
    )


MOVE = change(ChangeKind.AMEND_ADDRESS, detail="文一路 8 号")
SIZE = change(ChangeKind.AMEND_VARIANT, variant="黑色 43")
HURRY = change(ChangeKind.EXPEDITE)
MOVE_SECOND = change(ChangeKind.AMEND_ADDRESS, SECOND.order_no, detail="文一路 8 号")


def carried(system: EmbeddedOrderSystem, *steps: OrderChange) -> tuple[Carried, dict[str, Order], list[OrderChange]]:
    store = MemoryStore()
    with store.transaction() as records:
        records.orders.put(FIRST)
        records.orders.put(SECOND)
        result = carry_out(records, system, steps)
        orders = {each.order_no: records.orders.find(each.order_no) or each for each in (FIRST, SECOND)}
        changes = [each for number in orders for each in records.orders.changes(number)]
    return result, orders, changes


def test_a_plan_is_carried_out_whole() -> None:
    result, orders, changes = carried(EmbeddedOrderSystem(), MOVE, SIZE, MOVE_SECOND)
    assert result == Carried(done=(MOVE, SIZE, MOVE_SECOND))
    assert orders[FIRST.order_no].attributes["variant"] == "黑色 43"
    assert len(standing(changes)) == 3


def test_what_was_done_before_a_refusal_is_taken_back_on_every_order() -> None:
    result, orders, changes = carried(Stubborn(ChangeKind.EXPEDITE), MOVE, SIZE, MOVE_SECOND, HURRY)
    assert result == Carried(refused=HURRY)
    assert orders == {FIRST.order_no: FIRST, SECOND.order_no: SECOND}
    assert standing(changes) == ()


def test_what_cannot_be_taken_back_is_said_and_the_rest_is_taken_back() -> None:
    stubborn = Stubborn(ChangeKind.EXPEDITE, keeps=frozenset({ChangeKind.AMEND_VARIANT}))
    result, orders, _ = carried(stubborn, SIZE, MOVE_SECOND, HURRY)
    assert result == Carried(refused=HURRY, stuck=(SIZE,))
    assert orders[SECOND.order_no] == SECOND
    assert orders[FIRST.order_no].attributes["variant"] == "黑色 43"


def test_an_order_nobody_knows_refuses_the_plan() -> None:
    unknown = replace(SIZE, order_no="TQ0")
    result, orders, _ = carried(EmbeddedOrderSystem(), MOVE, unknown)
    assert result.refused == unknown
    assert orders[FIRST.order_no] == FIRST


STEPS = (MOVE, SIZE, HURRY, MOVE_SECOND, change(ChangeKind.CANCEL, SECOND.order_no))


@given(
    steps=st.lists(st.sampled_from(STEPS), unique_by=lambda step: step.change_id, max_size=5),
    refused=st.sets(st.sampled_from(ChangeKind)),
)
def test_whatever_is_refused_all_or_nothing_stands(steps: list[OrderChange], refused: set[ChangeKind]) -> None:
    result, orders, changes = carried(Stubborn(*refused), *steps)
    if result.refused is None:
        assert result.done == tuple(steps)
        assert {each.change_id for each in standing(changes)} == {each.change_id for each in steps}
    else:
        assert orders == {FIRST.order_no: FIRST, SECOND.order_no: SECOND}
        assert standing(changes) == ()
