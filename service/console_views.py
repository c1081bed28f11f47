"""The same records as an associate sees them: with what was heard and decided, and no more of a person than needed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from integrations.codec import encode
from retention.change import ChangeKind, OrderChange
from retention.conversation import Conversation, Decision, Message
from retention.correction import Correction
from retention.customer import Customer
from retention.handoff import Handoff
from retention.hearing import Hearing
from retention.moves.person import EMOTION_WORDS, REASON_WORDS
from retention.offer import Grant
from retention.order import Address, Order
from retention.rating import Rating
from retention.risk import Choice, Intervention, Score
from retention.staffing import Sla
from retention.words import masked_phone
from service.correction_views import IntentTitle, correction_view
from service.glossary import BANDS, CHANGES, GRANT_STATES, INTERVENTIONS, STAGES
from service.views import message_view


def console_message_view(
    message: Message, intent_title: IntentTitle, correction: Correction | None = None
) -> dict[str, Any]:
    view: dict[str, Any] = {**message_view(message, traditional=False)}
    if message.associate:
        view["associate"] = message.associate
    if message.hearing:
        view["hearing"] = hearing_view(message.hearing, intent_title)
    if correction:
        view["correction"] = correction_view(correction, intent_title)
    if message.decision:
        view["decision"] = decision_view(message.decision)
    return view


def hearing_view(hearing: Hearing, intent_title: IntentTitle) -> dict[str, Any]:
    return {
        "intent": hearing.intent,
        "intent_words": intent_title(hearing.intent),
        "confidence": hearing.confidence,
        "reasons": encode(hearing.reasons),
        "emotion": hearing.emotion.value,
        "emotion_words": EMOTION_WORDS[hearing.emotion],
        "intensity": hearing.intensity,
        "sentiment": hearing.sentiment,
        "escalate": hearing.escalate,
        "ranking": [{"intent": intent, "share": share} for intent, share in hearing.ranking],
    }


def decision_view(decision: Decision) -> dict[str, Any]:
    words = INTERVENTIONS[Intervention(decision.intervention)]
    return {**encode(decision), "intervention_words": words}


def conversation_view(conversation: Conversation) -> dict[str, Any]:
    return {
        "conversation_id": conversation.conversation_id,
        "channel": conversation.channel,
        "status": conversation.status.value,
        "created_at": encode(conversation.created_at),
    }


def handoff_view(handoff: Handoff, *, now: datetime, sla: Sla) -> dict[str, Any]:
    return {
        "handoff_id": handoff.handoff_id,
        "conversation_id": handoff.conversation_id,
        "state": handoff.state.value,
        "reason": handoff.reason,
        "reason_words": REASON_WORDS.get(handoff.reason, handoff.reason),
        "priority": handoff.priority,
        "opened_at": encode(handoff.opened_at),
        "waiting_s": max(0, round((now - handoff.opened_at).total_seconds())),
        "associate": handoff.associate,
        "skill": handoff.skill,
        "claimed_at": encode(handoff.claimed_at),
        "first_reply_at": encode(handoff.first_reply_at),
        "held_for": handoff.held_for,
        "releases": handoff.releases,
        "sla": sla_view(handoff, sla, now=now),
    }


def sla_view(handoff: Handoff, sla: Sla, *, now: datetime) -> dict[str, Any]:
    """``breached``: one of the two was or is late."""
    first_reply_due_at, resolution_due_at = handoff.opened_at + sla.first_reply, handoff.opened_at + sla.resolution
    late = (handoff.first_reply_at or now) > first_reply_due_at or (handoff.closed_at or now) > resolution_due_at
    return {
        "first_reply_due_at": encode(first_reply_due_at),
        "resolution_due_at": encode(resolution_due_at),
        "breached": late,
    }


def order_view(order: Order, changes: Iterable[OrderChange], *, now: datetime) -> dict[str, Any]:
    return {
        "order_no": order.order_no,
        "title": order.title,
        "stage": order.stage.value,
        "stage_words": STAGES[order.stage],
        "paid_fen": order.paid_fen,
        "shipping_fen": order.shipping_fen,
        "placed_at": encode(order.placed_at),
        "promised_delivery_at": encode(order.promised_delivery_at),
        "late_hours": round(order.late_hours(now), 1),
        "lines": encode(order.lines),
        "address": masked_address(order.address),
        "changes": [
            {
                "kind": change.kind.value,
                "kind_words": CHANGES[change.kind],
                "change": {} if change.kind is ChangeKind.AMEND_ADDRESS else dict(change.change),
                "at": encode(change.at),
                "actor": change.actor,
            }
            for change in changes
        ],
    }


def masked_address(address: Address) -> dict[str, str]:
    """Enough to talk about where it goes, not enough to go there."""
    return {
        "province": address.province,
        "city": address.city,
        "district": address.district,
        "detail": "***" if address.detail else "",
        "receiver": masked_name(address.receiver),
        "phone": masked_phone(address.phone) if address.phone else "",
    }


def masked_name(name: str) -> str:
    """
    >>> masked_name("李小明"), masked_name("")
    ('李**', '')
    """
    return name[:1] + "*" * min(2, max(0, len(name) - 1))


def customer_view(customer: Customer) -> dict[str, Any]:
    return {
        "customer_id": customer.customer_id,
        "name": masked_name(customer.name),
        "tier": customer.tier,
        "rfm": customer.rfm,
        "lifetime_orders": customer.lifetime_orders,
        "cancelled_orders": customer.cancelled_orders,
    }


def risk_view(score: Score, choice: Choice) -> dict[str, Any]:
    return {
        "probability": score.probability,
        "band": choice.band.value,
        "band_words": BANDS[choice.band],
        "threshold": choice.threshold,
        "intercept": choice.intercept,
        "reasons": [{"words": reason.words, "contribution": reason.contribution} for reason in score.reasons],
        "model_version": score.model_version,
    }


def grant_view(grant: Grant) -> dict[str, Any]:
    return {
        "grant_id": grant.grant_id,
        "title": grant.offer.title,
        "state": grant.state.value,
        "state_words": GRANT_STATES[grant.state],
        "value_fen": grant.offer.value_fen,
        "created_at": encode(grant.created_at),
        "why": grant.offer.why,
    }


def rating_view(rating: Rating) -> dict[str, Any]:
    return {"score": rating.score, "comment": rating.comment, "rated_at": encode(rating.rated_at)}


def mood_view(messages: Iterable[Message]) -> list[dict[str, Any]]:
    """The mood curve, one point a heard message."""
    return [
        {
            "at": encode(message.at),
            "emotion": message.hearing.emotion.value,
            "sentiment": message.hearing.sentiment,
        }
        for message in messages
        if message.hearing
    ]
