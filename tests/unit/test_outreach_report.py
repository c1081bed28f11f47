"""What stepping in early changed is counted as it was drawn, once an order, and not told from a handful."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from integrations.memory.store import MemoryStore
from retention.order import Stage
from retention.outreach import OutreachArm, OutreachState
from service.outreach_commands import lines
from service.outreach_report import OutreachReport, report
from tests.contract.samples import NOW, ORDER, OUTREACH

WINDOW = timedelta(days=15)
LATER = NOW + timedelta(days=40)


def reported(reached: tuple[int, int], held_out: tuple[int, int]) -> OutreachReport:
    """Of (kept, lost) orders in each arm, delivered or cancelled soon after."""
    store = MemoryStore()
    with store.transaction() as records:
        number = 0
        for arm, counts in ((OutreachArm.REACHED, reached), (OutreachArm.HELD_OUT, held_out)):
            for stage, count in zip((Stage.DELIVERED, Stage.CANCELLED), counts, strict=True):
                for _ in range(count):
                    number += 1
                    name = f"A{number:04}"
                    delivered = NOW + timedelta(days=1) if stage is Stage.DELIVERED else None
                    records.orders.put(replace(ORDER, order_no=name, stage=stage, delivered_at=delivered))
                    sent = OutreachState.SENT if number % 2 else OutreachState.SKIPPED
                    state = sent if arm is OutreachArm.REACHED else OutreachState.HELD_OUT
                    made = replace(OUTREACH, outreach_id=f"{name}/1", order_no=name, arm=arm, state=state)
                    records.outreaches.open(made)
    return report(store, since=None, window=WINDOW, now=LATER)


def test_the_lift_is_the_difference_of_the_arms_with_an_interval() -> None:
    found = reported((80, 20), (60, 40))
    assert (found.reached.kept, found.reached.lost, found.held_out.kept) == (80, 20, 60)
    assert found.lift is not None
    assert found.interval is not None
    assert abs(found.lift - 0.2) < 1e-9
    assert found.interval[0] < 0.2 < found.interval[1]
    assert any("+20.0 个百分点" in line for line in lines(found))


def test_a_handful_is_counted_and_nothing_is_concluded() -> None:
    found = reported((20, 5), (3, 2))
    assert found.lift is None
    assert any("现在不下结论" in line for line in lines(found))


def test_orders_that_are_not_settled_belong_to_no_side() -> None:
    store = MemoryStore()
    with store.transaction() as records:
        records.orders.put(ORDER)
        records.outreaches.open(OUTREACH)
    found = report(store, since=None, window=WINDOW, now=NOW + timedelta(days=1))
    assert (found.reached.orders, found.reached.settled) == (1, 0)


def test_who_was_never_to_be_written_to_is_in_no_arm() -> None:
    store = MemoryStore()
    with store.transaction() as records:
        records.outreaches.open(
            replace(OUTREACH, arm=None, propensity=None, state=OutreachState.SKIPPED, why="opted_out")
        )
    found = report(store, since=None, window=WINDOW, now=LATER)
    assert (found.reached.orders, found.held_out.orders, found.skipped) == (0, 0, {"opted_out": 1})
    assert any("顾客不想被联系" in line for line in lines(found))
