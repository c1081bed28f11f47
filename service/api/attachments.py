"""``/v1/chat/attachments``: a shopper's pictures, as evidence."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from service.api.fields import Id
from service.context import ServiceDep
from service.security import Talking

PATH = "/v1/chat/attachments"
JPEG = "image/jpeg"
PICTURES = ("image/jpeg", "image/png", "image/webp")
BODY = {
    "required": True,
    "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in PICTURES},
}
SHOWN: dict[int | str, dict[str, Any]] = {200: {"content": {JPEG: {"schema": {"type": "string", "format": "binary"}}}}}

router = APIRouter(prefix=PATH, tags=["chat"])


class Kept(TypedDict):
    attachment_id: str
    url: str
    width: int
    height: int


@router.post("", status_code=201, summary="Send a picture ahead of its message", openapi_extra={"requestBody": BODY})
async def add(request: Request, conversation_id: Talking, service: ServiceDep) -> Kept:
    """The body is the picture itself. What it is, is read from its content; the header is not believed."""
    await service.limiter.message(conversation_id)
    kept = await service.album.add(conversation_id, await request.body())
    return {
        "attachment_id": kept.attachment_id,
        "url": f"{PATH}/{kept.attachment_id}",
        "width": kept.width,
        "height": kept.height,
    }


@router.get("/{attachment_id}", summary="The picture, as JPEG", response_class=Response, responses=SHOWN)
async def show(attachment_id: Id, conversation_id: Talking, service: ServiceDep) -> Response:
    await service.limiter.read(conversation_id)
    return Response(
        await run_in_threadpool(service.album.of_conversation, conversation_id, attachment_id), media_type=JPEG
    )
