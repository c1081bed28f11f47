"""The service's side of Rasa's gateway channel: one message out, what was heard and said back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import httpx

from integrations.channels.turn_request import BEFORE_LIMIT
from integrations.codec import decode
from retention.conversation import Conversation
from retention.hearing import Before, Hearing
from retention.reply import Bubble, Button

TURN_SECONDS = 8.0
HEAR_SECONDS = 2.0
HEALTH_SECONDS = 1.0
IDLE_SECONDS = 3.0  # below the 5 after which Rasa closes: a connection is never reused while it is being closed
# Few are kept: every call looks at each idle one, which at 64 was a fifth of all the work under load.
CONNECTIONS = httpx.Limits(max_connections=256, max_keepalive_connections=8, keepalive_expiry=IDLE_SECONDS)


class RasaDownError(Exception):
    """Rasa did not answer, or not in time, or not sensibly."""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """``replies`` are Rasa's own words; empty when a person holds the conversation."""

    hearing: Hearing
    replies: tuple[Bubble, ...] = ()


class Rasa:
    """One client for the whole process, so that connections are kept. ``transport`` replaces the network in tests."""

    def __init__(
        self,
        url: str,
        secret: str,
        *,
        turn_seconds: float = TURN_SECONDS,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._turn_seconds = turn_seconds
        self._client = httpx.AsyncClient(
            base_url=f"{url}/webhooks/gateway",
            headers={"Authorization": f"Bearer {secret}"},
            limits=CONNECTIONS,
            transport=transport,
            trust_env=False,  # a proxy has no business between the two
        )

    async def turn(self, conversation: Conversation, message_id: str, text: str, before: Before | None = None) -> Heard:
        """Let the bot answer. Raises RasaDownError."""
        memory = conversation.memory
        body = {
            "conversation_id": conversation.conversation_id,
            "message_id": message_id,
            "text": text,
            "state": {
                "status": conversation.status.value,
                "expecting": memory.expecting.value if memory.expecting else None,
                "options": list(memory.options),
                "before": None
                if before is None
                else {"said": before.said[:BEFORE_LIMIT], "answered": before.answered[:BEFORE_LIMIT]},
            },
        }
        return _heard(await self._post("/turns", body, self._turn_seconds))

    async def hear(self, text: str) -> Hearing:
        """Only understand. Raises RasaDownError."""
        return _heard(await self._post("/hear", {"text": text}, HEAR_SECONDS)).hearing

    async def state(self) -> str:
        """``ok``, ``starting`` or ``down``."""
        try:
            answer = await self._client.get("/health", timeout=HEALTH_SECONDS)
        except httpx.HTTPError:
            return "down"
        if answer.status_code == httpx.codes.OK:
            return "ok"
        return "starting" if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE else "down"

    async def _post(self, path: str, body: Mapping[str, Any], seconds: float) -> Mapping[str, Any]:
        try:
            async with asyncio.timeout(seconds):  # all of it; the client's own timeouts are for each step
                answer = await self._client.post(path, json=body, timeout=seconds)
            answer.raise_for_status()
            data = answer.json()
        except (TimeoutError, httpx.HTTPError, ValueError) as problem:
            raise RasaDownError(f"{type(problem).__name__} on {path}: {problem}") from problem
        if not isinstance(data, dict):
            raise RasaDownError(f"no object on {path}: {type(data).__name__}")
        return data

    async def __aenter__(self) -> Rasa:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()


def _heard(data: Mapping[str, Any]) -> Heard:
    try:
        return Heard(
            hearing=decode(Hearing, data["hearing"]),
            replies=tuple(
                Bubble(
                    text=reply["text"],
                    buttons=tuple(Button(title=row["title"], text=row["text"]) for row in reply.get("buttons") or ()),
                )
                for reply in data.get("replies", ())
            ),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise RasaDownError(f"an answer that cannot be read: {problem}") from problem
