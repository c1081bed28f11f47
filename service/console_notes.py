"""``/console/api``: what associates write down about a conversation, and finding it again."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Query
from pydantic import Field

from integrations.codec import encode
from retention.archive import Wanted
from retention.conversation import Status
from retention.errors import NotFoundError
from retention.note import Note
from service.api.fields import Body, Id, Moment
from service.console import OURS, PATH, Associate
from service.context import Service, ServiceDep
from service.found import cursor_after, found_view, place_of
from service.problems import ProblemError
from service.text import cleaned

PAGE = 30
SEARCHED = timedelta(days=90)
"""How far back a search goes that does not say: it reads every message of that time, and SQLite waits meanwhile."""
MOST_LABELS = 20

router = APIRouter(prefix=PATH, tags=["console"])

Label = Annotated[str, Field(pattern=r"^[^\x00-\x20\x7f]([^\x00-\x1f\x7f]{0,18}[^\x00-\x20\x7f])?$")]
CursorField = Annotated[str | None, Query(max_length=200, description="``next`` of the page before")]


class NoteBody(Body):
    text: str


class LabelsBody(Body):
    labels: Annotated[list[Label], Field(max_length=MOST_LABELS)]


@router.get("/conversations/{conversation_id}/notes", summary="What colleagues noted, oldest first")
def notes(conversation_id: Id, associate: Associate, service: ServiceDep) -> dict[str, Any]:
    with service.shop.store.transaction() as records:
        if records.conversations.find(conversation_id) is None:
            raise NotFoundError("conversation", conversation_id)
        return {"notes": [encode(note) for note in records.notes.of_conversation(conversation_id)]}


@router.post(
    "/conversations/{conversation_id}/notes",
    dependencies=OURS,
    status_code=201,
    summary="Note something for colleagues; the shopper never sees it",
)
def add_note(conversation_id: Id, body: NoteBody, associate: Associate, service: ServiceDep) -> dict[str, Any]:
    note = Note(
        note_id=str(uuid4()),
        conversation_id=conversation_id,
        author=associate,
        at=service.shop.clock(),
        text=cleaned(body.text),
    )
    with service.shop.store.transaction() as records:
        records.notes.add(note)
    return {"note": encode(note)}


@router.put("/conversations/{conversation_id}/labels", dependencies=OURS, summary="File it under these, and no others")
def put_labels(conversation_id: Id, body: LabelsBody, associate: Associate, service: ServiceDep) -> dict[str, Any]:
    with service.shop.store.transaction() as records:
        records.labels.put(conversation_id, frozenset(body.labels))
        return {"labels": list(records.labels.of_conversation(conversation_id))}


@router.get("/labels/used", summary="Labels in use, most used first, at most 200")
def used_labels(associate: Associate, service: ServiceDep) -> dict[str, Any]:
    with service.shop.store.transaction() as records:
        return {"labels": [{"label": label, "count": count} for label, count in records.labels.used()]}


@router.get(
    "/search",
    summary="Conversations of the last 90 days unless ``from`` says more, newest change first; ``next`` is the next page",
)
def search(
    associate: Associate,
    service: ServiceDep,
    q: Annotated[
        str,
        Query(max_length=100, description="In a message, or the end of the order number, or the customer id"),
    ] = "",
    label: Annotated[Label | None, Query()] = None,
    held_by: Annotated[Id | None, Query(alias="associate")] = None,
    status: Annotated[Status | None, Query()] = None,
    since: Annotated[Moment | None, Query(alias="from")] = None,
    until: Annotated[Moment | None, Query(alias="to")] = None,
    cursor: CursorField = None,
) -> dict[str, Any]:
    words = q.strip()
    if "\x00" in words:
        raise ProblemError(422, "bad_words", "搜索内容里有无法识别的字符，请重新输入。")
    wanted = Wanted(
        words=words,
        label=label,
        associate=held_by,
        status=status,
        since=since or (until or service.shop.clock()) - SEARCHED,
        until=until,
        before=place_of(cursor) if cursor else None,
    )
    return _page(service, wanted)


@router.get("/customers/{customer_id}/conversations", summary="All of a customer's conversations, newest first")
def of_customer(
    customer_id: Id, associate: Associate, service: ServiceDep, cursor: CursorField = None
) -> dict[str, Any]:
    return _page(service, Wanted(customer_id=customer_id, before=place_of(cursor) if cursor else None))


def _page(service: Service, wanted: Wanted) -> dict[str, Any]:
    with service.shop.store.transaction() as records:
        found = records.archive.search(wanted, limit=PAGE + 1)
        rows = [found_view(records, one, wanted.words) for one in found[:PAGE]]
    last = found[PAGE - 1] if len(found) > PAGE else None
    return {"conversations": rows, "next": cursor_after(last) if last else None}
