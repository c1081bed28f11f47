"""After a save: what the shop gives by itself to a shopper who keeps an order. Nobody is asked, nothing is bargained for."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid5

from retention import granting
from retention.errors import BudgetExhaustedError
from retention.offer import Grant, GrantState, Offer, grant_key
from retention.reply import Say
from retention.visit import Visit, say

CARE = UUID("0f4c8a53-5f0e-4c7b-9a86-2b1d5d7d6e21")
"""Namespace of these grants' ids: the same turn always makes the same id."""


def after_save(visit: Visit, order_no: str) -> tuple[Say, ...]:
    """Grant it at once and say so; nothing where the shop has nothing to give, or no money left for it."""
    order = visit.records.orders.find(order_no)
    if order is None or visit.customer is None:
        return ()
    return tuple(
        said for offer in visit.rules.after_save(visit.case(order)) if (said := _given(visit, order_no, offer))
    )


def _given(visit: Visit, order_no: str, offer: Offer) -> Say | None:
    assert visit.customer is not None, "a case needs a proven customer"
    proposal = Grant(
        grant_id=str(uuid5(CARE, f"{visit.turn.conversation_id}/{visit.turn.message_id}")),
        key=grant_key(order_no, offer.cause),
        order_no=order_no,
        customer_id=visit.customer.customer_id,
        conversation_id=visit.turn.conversation_id,
        state=GrantState.PROPOSED,
        offer=offer,
        created_at=visit.now,
        updated_at=visit.now,
        expires_at=visit.now + timedelta(hours=offer.expires_hours),
    )
    try:
        kept = visit.records.ledger.propose(proposal)
    except BudgetExhaustedError:
        return None
    if kept.grant_id != proposal.grant_id:  # another conversation was first
        return None
    granting.note(visit.records, kept, "grant_proposed", at=visit.now, actor=kept.actor)
    granting.issue(visit.records, visit.order_system, kept, at=visit.now, actor=kept.actor)
    return say("care", pitch=offer.pitch)
