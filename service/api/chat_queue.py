"""``/v1/chat``: where a waiting shopper stands, and a call-back instead of waiting."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from typing_extensions import TypedDict

from retention.callback import Wanted, book, booked
from retention.conversation import Author, Conversation, Message, Status
from retention.errors import NotFoundError
from retention.place import places
from retention.task import Task
from retention.words import masked_contact
from service.api.fields import Body, Moment
from service.context import Service, ServiceDep
from service.security import Talking
from service.text import cleaned

CONTACT = r"^[\w@.+-][\w@.+ -]{3,62}[\w@.+-]$"

router = APIRouter(prefix="/v1/chat", tags=["chat"])


class CallBackBody(Body):
    contact: Annotated[str, Field(pattern=CONTACT, description="A telephone number, or an account we can reach")]
    wish: Annotated[str, Field(max_length=500, description="What it is about")] = ""
    when: Annotated[Moment | None, Field(description="Not before this; left out: as soon as somebody is there")] = None


class QueueView(TypedDict):
    status: Status
    position: int | None
    expected_wait_s: int | None
    open: bool
    opens_at: datetime | None


class CallBackView(TypedDict):
    task_id: str
    contact: str
    due_at: datetime


@router.get("/queue", summary="Where I stand; expected_wait_s is null while it cannot be known")
async def queue(conversation_id: Talking, service: ServiceDep) -> QueueView:
    await service.limiter.read(conversation_id)
    return await run_in_threadpool(_queue, service, conversation_id)


@router.post("/callback", status_code=201, summary="Call me back; asked again, the number and time are replaced")
async def call_back(body: CallBackBody, conversation_id: Talking, service: ServiceDep) -> CallBackView:
    await service.limiter.message(conversation_id)
    wish = cleaned(body.wish) if body.wish.strip() else "请人工回电"
    wanted = Wanted(contact=body.contact, wish=wish, wanted_at=body.when)
    conversation, task, said = await run_in_threadpool(_booked, service, conversation_id, wanted)
    if said is not None:
        service.broadcast.message(conversation, said)
    service.broadcast.tasks()
    return {"task_id": task.task_id, "contact": masked_contact(task.contact), "due_at": task.due_at}


def _queue(service: Service, conversation_id: str) -> QueueView:
    shop = service.shop
    now = shop.clock()
    with shop.store.transaction() as records:
        conversation = records.conversations.find(conversation_id)
        if conversation is None:
            raise NotFoundError("conversation", conversation_id)
        waiting = conversation.status is Status.WAITING
        place = places(records, shop.staffing, now).get(conversation_id) if waiting else None
    opens_at = shop.staffing.opens_at(now)
    return {
        "status": conversation.status,
        "position": place.position if place else None,
        "expected_wait_s": place.expected_wait_s if place else None,
        "open": opens_at is None,
        "opens_at": opens_at,
    }


def _booked(service: Service, conversation_id: str, wanted: Wanted) -> tuple[Conversation, Task, Message | None]:
    """Also the line that says so; None when the same was booked before."""
    shop = service.shop
    now = shop.clock()
    with shop.store.transaction() as records:
        conversation = records.conversations.lock(conversation_id)
        if conversation is None:
            raise NotFoundError("conversation", conversation_id)
        before = records.tasks.open_of(conversation_id)
        task = book(records, shop.staffing, conversation, wanted, now)
        if task == before:
            return conversation, task, None
        bubble = shop.wording.render(booked(shop.staffing, task, now), soothing=False, turn=task.task_id)
        said = Message(
            conversation_id=conversation_id,
            message_id=f"{task.task_id}:{now.timestamp():.6f}",
            author=Author.SYSTEM,
            at=now,
            text=bubble.text,
            bubble=bubble,
        )
        return conversation, task, records.messages.add(said)
