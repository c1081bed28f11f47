"""A case as it would be had something not happened."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from retention.case import Case
from risk.sequence.kinds import KINDS, kind_of

PROMISES = ("fulfilment.late_promise", "fulfilment.late_dispatch")
FAMILIES = {
    "price": ("price.",),
    "stock": ("stock.",),
    "payment": ("behaviour.payment_bounced", "payment."),
    "address": ("behaviour.address_changed",),
    "browsing": ("behaviour.viewed", "behaviour.searched", "behaviour.favourited", "behaviour.price_compared"),
    "cart": ("behaviour.cart",),
    "service": ("service.",),
    "consultation": ("service.", "behaviour.asked_returns"),
    "fulfilment": ("fulfilment.",),
}
"""Which events a family of nodes tells of, by how their kinds begin."""


def without(case: Case, node: str) -> Case | None:
    """What a node speaks for thought away; None where nothing happened that could be: a price, a shopper's past."""
    family = node.split(".")[0]
    if node in PROMISES:
        ahead = case.now + timedelta(days=1)
        order = replace(case.order, promised_delivery_at=ahead, promised_ship_at=ahead)
        return replace(case, order=order)
    if family == "consultation" and case.hearings:
        kept = tuple(event for event in case.events if not event.kind.startswith(FAMILIES[family]))
        return replace(case, hearings=(), goal=None, reasons=(), events=kept)
    speaks = {name for name, kind in KINDS.items() if kind.node == node}
    kept = tuple(
        event
        for event in case.events
        if kind_of(event) not in speaks and not event.kind.startswith(FAMILIES.get(family, ("-",)))
    )
    return replace(case, events=kept) if len(kept) < len(case.events) else None
