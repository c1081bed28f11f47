"""A free exchange is an offer that changes the order: without the change there is nothing to promise."""

from __future__ import annotations

from datetime import timedelta

import pytest

from retention.hearing import Reason
from retention.offer import GrantState
from retention.order import Line, Stage
from tests.unit.counter import NOW, Counter, order

DAY = timedelta(days=1)
SHOES = Line(sku="sku-1", title="轻跑鞋", category="鞋", qty=1, unit_price_fen=90000, unit_cost_fen=30000)


@pytest.fixture
def offered() -> Counter:
    """A shopper with dear goods, six days old, who doubts their quality and was offered an exchange."""
    counter = Counter(order(stage=Stage.DELIVERED, lines=(SHOES,), paid_fen=90000, delivered_at=NOW - 6 * DAY))
    counter.say("质量不行我要退", "request_refund", Reason.QUALITY)
    assert counter.grants()[0].offer.kind == "free_exchange"
    return counter


def test_taken_in_time_it_is_carried_out_with_the_grant(offered: Counter) -> None:
    reply = offered.say("接受方案", "accept_offer")
    assert offered.grants()[0].state is GrantState.ISSUED
    assert offered.order().stage is Stage.AFTER_SALE
    assert "换货已经登记，来回运费由店铺承担" in reply.bubbles[0].text


def test_taken_after_the_window_it_is_not_promised_and_costs_nothing(offered: Counter) -> None:
    offered.now = NOW + 1.5 * DAY
    reply = offered.say("接受方案", "accept_offer")
    assert offered.grants()[0].state is GrantState.EXPIRED
    assert offered.order().stage is Stage.DELIVERED
    assert reply.bubbles[0].text.startswith("「免费换新，包来回运费」现在办不了了")
