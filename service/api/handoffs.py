"""``/v1/handoffs``: for a shop that answers from its own agent desk instead of ours."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.responses import Response

from integrations.codec import encode
from retention.handoff import OPEN, Handoff, HandoffState
from retention.moves.person import REASON_WORDS
from service.api.fields import FREE_TEXT, Body, Id
from service.context import ServiceDep
from service.idempotency import Writing
from service.security import Caller, scoped
from service.text import cleaned

router = APIRouter(prefix="/v1/handoffs", tags=["handoffs"])

WriteCaller = Annotated[Caller, Depends(scoped("handoffs:write"))]


AssociateName = Annotated[str, Field(min_length=1, max_length=32, pattern=FREE_TEXT)]


class AssociateBody(Body):
    associate: AssociateName


class ReplyBody(AssociateBody):
    message_id: Id
    text: Annotated[str, Field(min_length=1, max_length=2000)]


@router.get("", summary="Handoffs, the most urgent first", dependencies=[Depends(scoped("handoffs:read"))])
def listed(service: ServiceDep, state: Annotated[list[HandoffState] | None, Query()] = None) -> dict[str, Any]:
    with service.shop.store.transaction() as records:
        found = records.handoffs.listed(frozenset(state) if state else OPEN)
    return {
        "handoffs": [{**encode(each), "reason_words": REASON_WORDS.get(each.reason, each.reason)} for each in found]
    }


@router.post("/{handoff_id}/claim", summary="Take the conversation; the first one gets it")
async def claim(handoff_id: Id, body: AssociateBody, writing: Writing, caller: WriteCaller) -> Response:
    async def work() -> Any:
        return _moved(await writing.service.associates.claim(handoff_id, body.associate))

    return await writing.around(caller, work)


@router.post("/{handoff_id}/reply", summary="Say something to the shopper; a message_id is said once")
async def reply(handoff_id: Id, body: ReplyBody, writing: Writing, caller: WriteCaller) -> Response:
    async def work() -> Any:
        text = cleaned(body.text)
        said, _ = await writing.service.associates.reply(handoff_id, body.associate, body.message_id, text)
        return {"message_id": said.message_id, "seq": said.seq, "at": encode(said.at)}

    return await writing.around(caller, work)


@router.post("/{handoff_id}/resolve", summary="Close the conversation")
async def resolve(handoff_id: Id, body: AssociateBody, writing: Writing, caller: WriteCaller) -> Response:
    async def work() -> Any:
        return _moved(await writing.service.associates.resolve(handoff_id, body.associate))

    return await writing.around(caller, work)


@router.post("/{handoff_id}/return", summary="Give the conversation back to the bot")
async def give_back(handoff_id: Id, body: AssociateBody, writing: Writing, caller: WriteCaller) -> Response:
    async def work() -> Any:
        return _moved(await writing.service.associates.give_back(handoff_id, body.associate))

    return await writing.around(caller, work)


def _moved(handoff: Handoff) -> dict[str, Any]:
    """Without customer and summary: answers of writes are kept, and a kept answer must name nobody."""
    shown: dict[str, Any] = encode(handoff)
    return {name: value for name, value in shown.items() if name not in ("customer_id", "summary")}
