"""``/console/api``: what an associate may give in a conversation, and giving it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from integrations.codec import encode
from retention.errors import NotFoundError
from retention.offer import Offer
from service.api.chat import MessageId
from service.api.fields import FREE_TEXT, Body, Id
from service.associate_grants import Allowed
from service.console import OURS, PATH, SignedIn
from service.console_views import console_message_view, grant_view
from service.context import ServiceDep

router = APIRouter(prefix=PATH, tags=["console"])


class GrantBody(Body):
    offer_id: Id
    message_id: MessageId
    override: Annotated[
        str | None,
        Field(min_length=4, max_length=200, pattern=FREE_TEXT, description="Why, although it is withheld; kept"),
    ] = None


@router.get("/conversations/{conversation_id}/authority", summary="What may be given now, and why not the rest")
def authority(conversation_id: Id, associate: SignedIn, service: ServiceDep) -> dict[str, Any]:
    with service.shop.store.transaction() as records:
        conversation = records.conversations.find(conversation_id)
        if conversation is None:
            raise NotFoundError("conversation", conversation_id)
        return _allowed_view(service.granting.allowed(records, conversation, associate))


@router.post(
    "/conversations/{conversation_id}/grants",
    dependencies=OURS,
    summary="Give it to the shopper, inside the shop's caps; a message_id gives once",
)
async def give(conversation_id: Id, body: GrantBody, associate: SignedIn, service: ServiceDep) -> dict[str, Any]:
    grant, message = await service.granting.give(
        conversation_id, body.offer_id, body.message_id, associate, override=body.override
    )
    return {"grant": grant_view(grant), "message": console_message_view(message, service.shop.rules.intent_title)}


def _allowed_view(allowed: Allowed) -> dict[str, Any]:
    order = allowed.order
    return {
        "order": {"order_no": order.order_no, "title": order.title} if order else None,
        "left_fen": allowed.left_fen,
        "why_not": allowed.why_not,
        "offers": [_offer_view(offer) for offer in allowed.offers],
        "withheld": [{**_offer_view(offer), "withheld": why} for offer, why in allowed.withheld],
        "ruled_out": [
            {"offer_id": one.offer_id, "title": one.title, "rule": one.rule, "why": one.why}
            for one in allowed.ruled_out
        ],
    }


def _offer_view(offer: Offer) -> dict[str, Any]:
    return {
        "offer_id": offer.offer_id,
        "title": offer.title,
        "value_fen": offer.value_fen,
        "cost_fen": offer.cost_fen,
        "terms": encode(offer.terms),
        "pitch": offer.pitch,
        "why": offer.why,
    }
