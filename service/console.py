"""``/console/api``: what the associates' screen needs. A cookie proves the associate; writes carry a header besides."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Container
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, WebSocket, WebSocketDisconnect
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request

from retention import associate as account
from retention.associate import LEADS, Role
from retention.errors import StoreBusyError
from retention.handoff import Handoff
from service.api.chat import MessageId
from service.api.chat_socket import BAD_TOKEN, both, push, refuse
from service.api.fields import Body, Id
from service.console_panel import whole
from service.console_views import console_message_view, handoff_view
from service.context import Service, ServiceDep
from service.live import CONSOLE
from service.problems import ProblemError, general
from service.text import cleaned

COOKIE = "tourniquet_console"
PATH = "/console/api"
WRITE_HEADER, WRITE_VALUE = "X-Requested-With", "tourniquet"
STILL_S = 15.0
"""How often an open socket asks whether its associate is still logged in."""

router = APIRouter(prefix=PATH, tags=["console"])


class ReplyBody(Body):
    message_id: MessageId
    text: str


class NothingBody(Body):
    """``{}``"""


async def asked_by_our_page(request: Request) -> None:
    """A form of another site cannot set this header, so it cannot write with our cookie."""
    if request.headers.get(WRITE_HEADER) != WRITE_VALUE:
        raise ProblemError(403, "header_missing", f"请求缺少 {WRITE_HEADER}: {WRITE_VALUE}，请刷新页面后再试。")


def signed_in(connection: HTTPConnection, service: ServiceDep) -> account.Associate:
    """The account of whoever is logged in, as it stands now."""
    found = service.shop.accounts.signed_in(connection.cookies.get(COOKIE, ""))
    if found is None:
        raise ProblemError.of(general(401, PATH))
    return found


SignedIn = Annotated[account.Associate, Depends(signed_in)]


async def associate_of(associate: SignedIn) -> str:
    """The login name of whoever is logged in."""
    return associate.name


Associate = Annotated[str, Depends(associate_of)]


def one_of(roles: Container[Role]) -> Callable[..., Awaitable[account.Associate]]:
    """A dependency that lets in those with one of these roles."""

    async def allowed(associate: SignedIn) -> account.Associate:
        if associate.role not in roles:
            raise ProblemError.of(general(403, PATH))
        return associate

    return allowed


Supervisor = Annotated[account.Associate, Depends(one_of(LEADS))]
Admin = Annotated[account.Associate, Depends(one_of({Role.ADMIN}))]
OURS = [Depends(asked_by_our_page)]


@router.get("/queue", summary="Who waits for a person, who has one, and how many corrections wait")
async def queue(associate: Associate, service: ServiceDep) -> dict[str, Any]:
    return await service.board.shown()


@router.get("/conversations/{conversation_id}", summary="Everything an associate needs to go on without asking again")
def conversation(conversation_id: Id, associate: Associate, service: ServiceDep) -> dict[str, Any]:
    with service.shop.store.transaction() as records:
        found = records.conversations.find(conversation_id)
        if found is None:
            raise ProblemError(404, "no_such_conversation", "没有这个会话，可能已按顾客要求删除。")
        return whole(service.shop, records, found)


@router.post("/handoffs/{handoff_id}/claim", dependencies=OURS, summary="Take the conversation; the first one gets it")
async def claim(handoff_id: Id, body: NothingBody, associate: Associate, service: ServiceDep) -> dict[str, Any]:
    return shown(service, await service.associates.claim(handoff_id, associate))


@router.post("/handoffs/{handoff_id}/resolve", dependencies=OURS, summary="Close the conversation")
async def resolve(handoff_id: Id, body: NothingBody, associate: Associate, service: ServiceDep) -> dict[str, Any]:
    return shown(service, await service.associates.resolve(handoff_id, associate))


@router.post("/handoffs/{handoff_id}/return", dependencies=OURS, summary="Give the conversation back to the bot")
async def give_back(handoff_id: Id, body: NothingBody, associate: Associate, service: ServiceDep) -> dict[str, Any]:
    return shown(service, await service.associates.give_back(handoff_id, associate))


@router.post("/handoffs/{handoff_id}/reply", dependencies=OURS, summary="Say something; a message_id is said once")
async def reply(handoff_id: Id, body: ReplyBody, associate: Associate, service: ServiceDep) -> dict[str, Any]:
    text = cleaned(body.text)
    said, handoff = await service.associates.reply(handoff_id, associate, body.message_id, text)
    return {**shown(service, handoff), "message": console_message_view(said, service.shop.rules.intent_title)}


@router.websocket("/ws")
async def console_socket(socket: WebSocket, service: ServiceDep) -> None:
    token = socket.cookies.get(COOKIE, "")
    known = await run_in_threadpool(service.shop.accounts.signed_in, token)
    if known is None or not _same_origin(socket):
        await refuse(socket, BAD_TOKEN, "log in first")
        return
    with service.live.watch(CONSOLE) as watcher:
        await socket.accept()
        await both(
            push(socket, watcher), _listen(socket, service, known.name), _until_signed_out(socket, service, token)
        )


async def _listen(socket: WebSocket, service: Service, name: str) -> None:
    try:
        while True:
            frame = await socket.receive_text()
            await service.attendance.hear(name, frame)
            await service.typing_signs.hear(name, frame)
    except (WebSocketDisconnect, KeyError):
        return


async def _until_signed_out(socket: WebSocket, service: Service, token: str) -> None:
    """Whoever logged out, or was shut out, hears nothing more."""
    while True:
        await asyncio.sleep(STILL_S)
        try:
            known = await run_in_threadpool(service.shop.accounts.signed_in, token) is not None
        except StoreBusyError:
            continue
        if not known:
            await socket.close(BAD_TOKEN, "log in first")
            return


def _same_origin(socket: WebSocket) -> bool:
    """A page of another site may open a socket to us; browsers say from where."""
    origin = socket.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == socket.headers.get("host")


def shown(service: Service, handoff: Handoff) -> dict[str, Any]:
    return {"handoff": handoff_view(handoff, now=service.shop.clock(), sla=service.shop.staffing.sla)}
