"""What a shopper is told once a plan is carried out."""

from __future__ import annotations

from collections.abc import Sequence

from retention.change import ChangeKind, OrderChange
from retention.moves.lines import words_of
from retention.order import Order
from retention.pick_up import slot_of
from retention.reply import Say

DONE = {
    ChangeKind.AMEND_ADDRESS: "address_amended",
    ChangeKind.AMEND_VARIANT: "variant_amended",
    ChangeKind.EXPEDITE: "expedited",
    ChangeKind.EXCHANGE: "exchange_requested",
    ChangeKind.CANCEL_LINE: "part_cancelled",
    ChangeKind.REFUND_LINE: "part_refund_requested",
    ChangeKind.SUBSTITUTE: "substituted",
    ChangeKind.MERGE: "merged",
    ChangeKind.SPLIT: "split",
    ChangeKind.PICK_UP: "pick_up_booked",
}
"""The outcome of a plan, by the kind it is about."""


def main_kind(steps: Sequence[OrderChange]) -> ChangeKind:
    """What the plan is about: orders are brought to one address so that they can be merged."""
    kinds = [step.kind for step in steps]
    return ChangeKind.MERGE if ChangeKind.MERGE in kinds else kinds[0]


def tells(order: Order, steps: Sequence[OrderChange], *, picks_up: bool) -> tuple[Say, ...]:
    """One bubble a kind of change. ``order`` is as it was before; ``picks_up``: nobody has to post anything."""
    kinds = dict.fromkeys(step.kind for step in steps)
    if ChangeKind.MERGE in kinds:
        kinds.pop(ChangeKind.AMEND_ADDRESS, None)
    return tuple(_tell(order, [step for step in steps if step.kind is kind], picks_up=picks_up) for kind in kinds)


def _tell(order: Order, steps: Sequence[OrderChange], *, picks_up: bool) -> Say:
    kind, change = steps[0].kind, steps[0].change
    lines = [line for step in steps if (line := order.line(step.change.get("sku", ""))) is not None]
    values = {"title": lines[0].title if lines else order.title, "wanted": change.get("variant", "同款")}
    if kind in (ChangeKind.CANCEL_LINE, ChangeKind.REFUND_LINE):
        gone = lines[0].qty - int(change["left"]) if "left" in change else 0
        values = {"goods": f"{words_of(lines)}里的 {gone} 件" if gone else words_of(lines)}
    elif kind is ChangeKind.SUBSTITUTE:
        values["by"] = change["title"]
    elif kind is ChangeKind.SPLIT:
        later = change["later"].split(",")
        values = {
            "now": words_of([line for line in order.lines if line.sku not in later]),
            "later": words_of([line for line in order.lines if line.sku in later]),
        }
    elif kind is ChangeKind.PICK_UP:
        values = {"when": slot_of(change["from"], change["until"]).words}
    key = DONE[kind]
    if picks_up and kind in (ChangeKind.EXCHANGE, ChangeKind.REFUND_LINE):
        key = {"exchange_requested": "exchange_registered", "part_refund_requested": "part_refund_registered"}[key]
    return Say(key=key, values=values)
