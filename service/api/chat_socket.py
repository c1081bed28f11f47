"""``WS /v1/chat/ws``: the shopper's open page hears what happens, and may write through the same door."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, WebSocket, WebSocketDisconnect
from pydantic import Field, TypeAdapter, ValidationError

from retention.errors import RetentionError
from service.api.chat import MessageId, answer_view
from service.api.fields import Body
from service.context import Service, ServiceDep
from service.live import Watcher, conversation_topic
from service.problems import ProblemError, general, of_retention

BAD_TOKEN = 4401
BEHIND = 4408
TOO_MANY = 4429
PATH = "/v1/chat/ws"

router = APIRouter(tags=["chat"])


class Saying(Body):
    type: Literal["message"]
    message_id: MessageId
    text: str


class Ping(Body):
    type: Literal["ping"]


class Typing(Body):
    """The shopper is writing; nothing is answered."""

    type: Literal["typing"]


FRAME: TypeAdapter[Saying | Ping | Typing] = TypeAdapter(Annotated[Saying | Ping | Typing, Field(discriminator="type")])


@router.websocket(PATH)
async def chat_socket(socket: WebSocket, service: ServiceDep, token: Annotated[str, Query()] = "") -> None:
    conversation_id = service.tokens.conversation_of(token)
    if conversation_id is None:
        await refuse(socket, BAD_TOKEN, "bad token")
        return
    try:
        await service.limiter.read(conversation_id)
    except ProblemError:
        await refuse(socket, TOO_MANY, "too many requests")
        return
    # Watch first: once it is open the page reads what it missed, and nothing may happen unseen between the two.
    with service.live.watch(conversation_topic(conversation_id)) as watcher:
        await socket.accept()
        await both(push(socket, watcher), _listen(socket, service, token))


async def refuse(socket: WebSocket, code: int, why: str) -> None:
    """A browser learns the code of a close only from a socket that was open."""
    await socket.accept()
    await socket.close(code, why)


async def both(*ways: Any) -> None:
    """Two directions of one socket: when one ends, so does the other."""
    tasks = [asyncio.create_task(way) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def push(socket: WebSocket, watcher: Watcher) -> None:
    while (event := await watcher.get()) is not None:
        await socket.send_text(event)
    await socket.close(BEHIND, "too far behind, reconnect")


async def _listen(socket: WebSocket, service: Service, token: str) -> None:
    while True:
        try:
            frame = await socket.receive_text()
        except (WebSocketDisconnect, KeyError):  # gone, or a binary frame
            return
        conversation_id = service.tokens.conversation_of(token)
        if conversation_id is None:  # expired since
            await socket.close(BAD_TOKEN, "bad token")
            return
        answer = await _answer(service, conversation_id, frame)
        if answer is not None:
            await socket.send_json(answer)


async def _answer(service: Service, conversation_id: str, frame: str) -> dict[str, Any] | None:
    try:
        asked = FRAME.validate_json(frame)
    except ValidationError:
        return {"type": "problem", "problem": general(422, PATH).body()}
    if isinstance(asked, Ping):
        return {"type": "pong"}
    if isinstance(asked, Typing):
        await service.typing_signs.of_shopper(conversation_id)
        return None
    try:
        await service.limiter.message(conversation_id)
        turn = await service.gateway.take(conversation_id, asked.message_id, asked.text)
    except ProblemError as error:
        problem = error.problem
    except RetentionError as error:
        problem = of_retention(error, PATH)
    else:
        answer = answer_view(turn)
        return {"type": "ack", "message_id": asked.message_id, "status": answer["status"], "turn": answer["turn"]}
    return {"type": "problem", "message_id": asked.message_id, "problem": problem.body()}
