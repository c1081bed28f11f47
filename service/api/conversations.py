"""``/v1/conversations``: a transcript with what was heard and decided beside each turn."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from integrations.codec import encode
from retention.errors import NotFoundError
from service.api.fields import Id
from service.context import ServiceDep
from service.security import scoped

router = APIRouter(prefix="/v1/conversations", tags=["conversations"])


@router.get("/{conversation_id}", summary="A transcript", dependencies=[Depends(scoped("conversations:read"))])
def get_conversation(
    conversation_id: Id, service: ServiceDep, after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0
) -> dict[str, Any]:
    with service.shop.store.transaction() as records:
        conversation = records.conversations.find(conversation_id)
        if conversation is None:
            raise NotFoundError("conversation", conversation_id)
        messages = records.messages.after(conversation_id, after)
        handoff = records.handoffs.open_of(conversation_id)
        profile = records.profiles.find(conversation_id)
    return {
        **encode(conversation),
        "handoff": encode(handoff) if handoff else None,
        "profile": encode(profile) if profile else None,
        "messages": encode(tuple(messages)),
    }
