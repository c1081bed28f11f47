"""Rasa's only door: the service posts one shopper message and gets the replies and what was heard.

``POST /webhooks/gateway/turns``, ``POST /webhooks/gateway/hear`` (hear only) and ``GET /webhooks/gateway/health``.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

import aiohttp
from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.shared.exceptions import RasaException
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from integrations.channels.parse import hearing_of
from integrations.channels.turn_request import BadRequestError, TurnRequest, read_hear, read_turn
from integrations.codec import encode
from retention.conversation import Status

SECRET_LENGTH = 16
BODY_LIMIT_BYTES = 64 * 1024
TURN_SECONDS = 6.0  # below the 8 after which the service stops waiting and calls a person
IDLE_SECONDS = 3  # below uvicorn's 5, so that no connection to the desk is reused while the desk is closing it
WARM_UP = TurnRequest(
    conversation_id="warm-up", message_id="warm-up", text="你好，我想取消订单", state={"status": Status.CLOSED.value}
)

logger = logging.getLogger(__name__)
Handler = Callable[[Request], Awaitable[HTTPResponse]]


class TurnOutput(OutputChannel):  # type: ignore[misc]
    """Collects one reply per bubble.

    ``session`` carries the calls to the desk; ``failure`` is what went wrong there, which Rasa itself would only log.
    """

    def __init__(self, session: aiohttp.ClientSession | None) -> None:
        self.session = session
        self.replies: list[dict[str, Any]] = []
        self.failure: Exception | None = None

    @classmethod
    def name(cls) -> str:
        return GatewayChannel.name()

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        reply: dict[str, Any] = {
            "text": message.get("text") or "",
            "buttons": [{"title": row["title"], "text": row["payload"]} for row in message.get("buttons") or ()],
        }
        offer = (message.get("custom") or {}).get("offer")
        self.replies.append({**reply, "offer": offer} if offer else reply)


class GatewayChannel(InputChannel):  # type: ignore[misc]
    """``secret`` is shared with the service alone; a turn that takes longer than ``turn_seconds`` is answered 504."""

    _hand_on: Callable[[UserMessage], Awaitable[Any]]

    def __init__(self, *, secret: str, turn_seconds: float = TURN_SECONDS) -> None:
        self._secret = secret
        self._turn_seconds = turn_seconds
        self._session: aiohttp.ClientSession | None = None
        self._warm = False

    @classmethod
    def name(cls) -> str:
        return "gateway"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> GatewayChannel:
        """Raises RasaException when there is no secret worth the name: an open door is no default."""
        settings = dict(credentials or {})
        secret = settings.pop("secret", None)
        if not isinstance(secret, str) or len(secret) < SECRET_LENGTH:
            raise RasaException(
                f"credentials.yml: {cls.__name__}.secret: expected at least {SECRET_LENGTH} characters, "
                "set TOURNIQUET_RASA_SECRET to a random value shared with the service"
            )
        return cls(secret=secret, **settings)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        self._hand_on = on_new_message
        door = Blueprint("gateway")
        door.add_route(_function(self.health), "/health", methods=["GET"])
        door.add_route(self._guarded(self.turns), "/turns", methods=["POST"])
        door.add_route(self._guarded(self.hear), "/hear", methods=["POST"])
        door.listener("before_server_start")(self.open)
        door.listener("after_server_start")(self.warm_up)
        door.listener("after_server_stop")(self.close)
        return door

    async def health(self, request: Request) -> HTTPResponse:
        ready = self._warm and _is_ready(request.app)
        return json_response({"status": "ok" if ready else "starting"}, status=200 if ready else 503)

    async def turns(self, request: Request) -> HTTPResponse:
        return json_response(await self._answer(request.app, read_turn(request.body)))

    async def hear(self, request: Request) -> HTTPResponse:
        text, state = read_hear(request.body)
        message = UserMessage(text=text, input_channel=self.name(), metadata={"state": state})
        parsed = await request.app.ctx.agent.processor.parse_message(message)
        return json_response({"hearing": encode(hearing_of(parsed))})

    async def open(self, app: Sanic, _: object) -> None:
        app.config.REQUEST_MAX_SIZE = BODY_LIMIT_BYTES
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(keepalive_timeout=IDLE_SECONDS, limit=0))

    async def close(self, app: Sanic, _: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def warm_up(self, app: Sanic, _: object) -> None:
        """The first message costs a second more than the rest; a silent turn pays for it before health says ok."""
        if _is_ready(app):
            await self._answer(app, WARM_UP)
            self._warm = True

    def _guarded(self, handler: Handler) -> Handler:
        """The secret first, and every way to fail as JSON."""

        @wraps(handler)
        async def guarded(request: Request) -> HTTPResponse:
            if not self._knows(request):
                return _problem(401, "unauthorized", "send Authorization: Bearer with the shared secret")
            if not _is_ready(request.app):
                return _problem(503, "not_ready", "no model is loaded")
            try:
                return await handler(request)
            except BadRequestError as error:
                return _problem(error.status, error.code, error.message)
            except asyncio.TimeoutError:
                return _problem(504, "too_slow", f"the turn took longer than {self._turn_seconds:g} s")
            except Exception:
                logger.exception("a turn failed")
                return _problem(500, "turn_failed", "the dialogue engine could not answer; its log says why")

        return guarded

    def _knows(self, request: Request) -> bool:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(
            given.encode("utf-8", "replace"), self._secret.encode()
        )

    async def _answer(self, app: Sanic, turn: TurnRequest) -> dict[str, Any]:
        """Parse once, let the policies and the desk answer, and say both what was heard and what was replied."""
        output = TurnOutput(self._session)
        message = UserMessage(
            text=turn.text,
            output_channel=output,
            sender_id=turn.conversation_id,
            input_channel=self.name(),
            message_id=turn.message_id,
            metadata={"state": turn.state},
        )
        parsed = await app.ctx.agent.processor.parse_message(message)
        message.parse_data = parsed
        await asyncio.wait_for(self._hand_on(message), timeout=self._turn_seconds)
        if output.failure is not None:
            raise output.failure
        return {"replies": output.replies, "hearing": encode(hearing_of(parsed))}


def _function(handler: Handler) -> Handler:
    """Sanic writes attributes on its handlers, which a bound method does not take."""

    @wraps(handler)
    async def called(request: Request) -> HTTPResponse:
        return await handler(request)

    return called


def _is_ready(app: Sanic) -> bool:
    agent = getattr(app.ctx, "agent", None)
    return agent is not None and agent.is_ready()


def _problem(status: int, code: str, message: str) -> HTTPResponse:
    return json_response({"error": code, "message": message}, status=status)
