"""``/v1/chat``: a shopper's conversation, over HTTP and as a WebSocket with pushes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Query, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from typing_extensions import TypedDict

from retention.conversation import Conversation, Status
from retention.customer import Customer
from retention.errors import NotFoundError
from retention.reply import Bubble
from service.api.fields import Body
from service.context import Service, ServiceDep
from service.gateway import Turn
from service.problems import ProblemError
from service.security import Talking
from service.views import (
    BubbleView,
    MessageView,
    StandingView,
    TurnView,
    bubble_view,
    message_view,
    standing_view,
    turn_view,
)

MESSAGE_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"

router = APIRouter(prefix="/v1/chat", tags=["chat"])

MessageId = Annotated[str, Field(pattern=MESSAGE_ID, description="Unique in its conversation; a UUID will do")]


class BeginBody(Body):
    customer_token: Annotated[
        str | None, Field(max_length=4096, description="Signed by the shop: HS256 {sub, exp}")
    ] = None
    channel: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,15}$")] = "web"
    device_id: Annotated[
        str | None, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$", description="Random, kept by the browser; stored sealed")
    ] = None


class MessageBody(Body):
    message_id: MessageId
    text: Annotated[str, Field(description="At most 2000 characters; may not begin with a slash")] = ""
    attachment_id: Annotated[str | None, Field(pattern=r"^[0-9a-f]{32}$", description="A picture sent ahead")] = None


class Begun(TypedDict):
    conversation_id: str
    token: str
    expires_at: datetime


class Answered(TypedDict):
    replies: list[BubbleView]
    status: Status
    turn: TurnView | None


class Transcript(TypedDict):
    messages: list[MessageView]
    status: Status
    offer: StandingView | None


@router.post("/conversations", status_code=201, summary="Begin a conversation")
async def begin(body: BeginBody, request: Request, service: ServiceDep) -> Begun:
    await service.limiter.conversation(request.client.host if request.client else "")
    customer_id = None
    if body.customer_token is not None:
        customer_id = service.tokens.customer_of(body.customer_token)
        if customer_id is None:
            raise ProblemError(401, "bad_customer_token", "登录凭证无效或已过期，请从商城重新进入。")
    conversation_id = str(uuid4())
    await run_in_threadpool(_open, service, conversation_id, body, customer_id)
    token, expires_at = service.tokens.chat(conversation_id)
    return {"conversation_id": conversation_id, "token": token, "expires_at": expires_at}


@router.post("/messages", summary="Say something; the same message_id answers the same", response_model=Answered)
async def say(body: MessageBody, conversation_id: Talking, service: ServiceDep) -> JSONResponse:
    await service.limiter.message(conversation_id)
    turn = await service.gateway.take(conversation_id, body.message_id, body.text, body.attachment_id)
    return JSONResponse(answer_view(turn))


@router.get(
    "/messages", summary="The transcript after a message, and how the latest offer stands", response_model=Transcript
)
async def read(
    conversation_id: Talking, service: ServiceDep, after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0
) -> JSONResponse:
    await service.limiter.read(conversation_id)
    return JSONResponse(await run_in_threadpool(_transcript, service, conversation_id, after))


@router.delete("/handoff", status_code=204, summary="Stop waiting for a person: back to the bot")
async def leave_queue(conversation_id: Talking, service: ServiceDep) -> Response:
    await service.limiter.message(conversation_id)
    if not await service.associates.leave(conversation_id):
        raise ProblemError(409, "not_waiting", "您当前没有在排队等人工。")
    return Response(status_code=204)


def answer_view(turn: Turn) -> dict[str, Any]:
    traditional = turn.conversation.traditional
    bubbles = (reply.bubble or Bubble(text=reply.text) for reply in turn.replies)
    return {
        "replies": [bubble_view(bubble, traditional=traditional) for bubble in bubbles],
        "status": turn.conversation.status.value,
        "turn": turn_view(turn.message.hearing) if turn.message.hearing else None,
    }


def _open(service: Service, conversation_id: str, body: BeginBody, customer_id: str | None) -> None:
    now = service.shop.clock()
    with service.shop.store.transaction() as records:
        if customer_id is not None and records.customers.find(customer_id) is None:
            records.customers.put(Customer(customer_id=customer_id))  # the shop vouches for them; the CRM comes later
        if customer_id is not None and body.device_id is not None:
            service.shop.rules.kindred.see_device(records, customer_id, body.device_id, at=now)
        records.conversations.put(
            Conversation(
                conversation_id=conversation_id,
                channel=body.channel,
                status=Status.BOT,
                created_at=now,
                updated_at=now,
                customer_id=customer_id,
            )
        )


def _transcript(service: Service, conversation_id: str, after: int) -> dict[str, Any]:
    with service.shop.store.transaction() as records:
        conversation = records.conversations.find(conversation_id)
        if conversation is None:
            raise NotFoundError("conversation", conversation_id)
        messages = records.messages.after(conversation_id, after)
        offered = conversation.memory.grant_id
        grant = records.ledger.find(offered) if offered else None
    views = [message_view(message, traditional=conversation.traditional) for message in messages]
    offer = standing_view(grant) if grant else None
    return {"messages": views, "status": conversation.status.value, "offer": offer}
