"""One conversation as an associate needs it to go on without asking again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from integrations.wiring import Shop
from retention.conversation import Conversation
from retention.hearing import Hearing, Reason
from retention.ports import Records
from service.cases import case_of
from service.console_views import (
    console_message_view,
    conversation_view,
    customer_view,
    grant_view,
    handoff_view,
    mood_view,
    order_view,
    rating_view,
    risk_view,
)
from service.order_talked_about import order_talked_about


def whole(shop: Shop, records: Records, found: Conversation) -> dict[str, Any]:
    """The transcript with what was heard and decided, the order, the customer, the risk, the grants and the mood."""
    handoff = records.handoffs.open_of(found.conversation_id)
    customer = records.customers.find(found.customer_id) if found.customer_id else None
    messages = records.messages.after(found.conversation_id, 0)
    corrections = records.corrections.of_messages(found.conversation_id)
    ratings = records.ratings.of_conversation(found.conversation_id)
    hearings = tuple(message.hearing for message in messages if message.hearing)
    order_no = found.memory.order_no or (handoff.order_no if handoff else None)
    return {
        "conversation": conversation_view(found),
        "handoff": handoff_view(handoff, now=shop.clock(), sla=shop.staffing.sla) if handoff else None,
        "summary": handoff.summary if handoff else "",
        "messages": [
            console_message_view(message, shop.rules.intent_title, corrections.get(message.message_id))
            for message in messages
        ],
        "mood": mood_view(messages),
        "labels": list(records.labels.of_conversation(found.conversation_id)),
        "rating": rating_view(ratings[0]) if ratings else None,
        "customer": customer_view(customer) if customer else None,
        **_about_order(shop, records, found, order_no, hearings),
    }


def _about_order(
    shop: Shop, records: Records, found: Conversation, order_no: str | None, hearings: tuple[Hearing, ...]
) -> dict[str, Any]:
    order = records.orders.find(order_no) if order_no else order_talked_about(records, found)
    if order is None:
        return {"order": None, "risk": None, "grants": []}
    reasons = tuple(Reason(value) for value in found.memory.reasons)
    case = replace(case_of(shop, records, order.order_no, reasons=reasons), hearings=hearings, goal=found.memory.goal)
    score = shop.rules.score(case)
    return {
        "order": order_view(order, records.orders.changes(order.order_no), now=case.now),
        "risk": risk_view(score, shop.rules.choose(case, score)),
        "grants": [grant_view(grant) for grant in case.grants],
    }
