"""What a shopper was told in a conversation outlives the next message of the shop's systems."""

from __future__ import annotations

import pytest

from integrations.oms import as_promised
from retention.change import ChangeKind, OrderChange
from retention.order import Stage
from tests.unit.counter import NOW, order


def change(kind: ChangeKind) -> OrderChange:
    return OrderChange(change_id=kind.value, order_no="TQ20261120001", kind=kind, change={}, at=NOW, actor="bot")


def test_a_cancelled_order_stays_cancelled_until_the_shop_says_it_was_sent() -> None:
    cancelled = (change(ChangeKind.CANCEL),)
    assert as_promised(order(), cancelled).stage is Stage.CANCELLED
    assert as_promised(order(stage=Stage.IN_TRANSIT), cancelled).stage is Stage.IN_TRANSIT


def test_a_hurried_order_stays_hurried() -> None:
    assert as_promised(order(), (change(ChangeKind.EXPEDITE),)).attributes["expedited"] is True


@pytest.mark.parametrize("stage", list(Stage))
def test_without_a_promise_an_order_is_as_the_shop_sent_it(stage: Stage) -> None:
    assert as_promised(order(stage=stage), ()) == order(stage=stage)
