"""A stand-in for Rasa's gateway channel: hears by keywords, calls the desk through the real action endpoint."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from integrations.channels.parse import parse_of
from integrations.codec import encode
from retention.hearing import Emotion, Hearing, Reason

SECRET = "fake-rasa-secret-0123456789"
UTTERED = {"greet": "您好，我在的。"}
HEARD = (
    ("你好", Hearing(intent="greet", confidence=0.98)),
    ("转人工", Hearing(intent="request_human", confidence=0.97, escalate=0.95)),
    (
        "物流太慢",
        Hearing(
            intent="cancel_order",
            confidence=0.96,
            reasons=(Reason.LOGISTICS,),
            emotion=Emotion.ANGRY,
            intensity=0.5,
            sentiment=-0.5,
        ),
    ),
    ("质量", Hearing(intent="quality_doubt", confidence=0.95, reasons=(Reason.QUALITY,))),
    (
        "骗子",
        Hearing(
            intent="threaten_escalation",
            confidence=0.97,
            emotion=Emotion.ANGRY,
            intensity=0.9,
            sentiment=-0.9,
            escalate=0.97,
        ),
    ),
    ("取消", Hearing(intent="cancel_order", confidence=0.95)),
)
UNKNOWN = Hearing(intent="out_of_scope", confidence=0.9)


def hearing_of(text: str) -> Hearing:
    return next((hearing for word, hearing in HEARD if word in text), UNKNOWN)


class FakeRasa:
    """``gate`` holds turns until it is set; ``broken`` answers every turn with this status instead."""

    def __init__(self) -> None:
        self.turns: list[dict[str, Any]] = []
        self.heard: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.broken: int | None = None
        self.silent = False
        self.call_action: Callable[[dict[str, Any]], Awaitable[httpx.Response]] | None = None
        self.app = Starlette(
            routes=[
                Route("/webhooks/gateway/turns", self._turn, methods=["POST"]),
                Route("/webhooks/gateway/hear", self._hear, methods=["POST"]),
                Route("/webhooks/gateway/health", self._health),
            ]
        )

    async def _turn(self, request: Request) -> Response:
        assert request.headers["authorization"] == f"Bearer {SECRET}"
        turn = await request.json()
        self.turns.append(turn)
        await self.gate.wait()
        if self.broken:
            return JSONResponse({"error": "turn_failed"}, self.broken)
        hearing = hearing_of(turn["text"])
        replies = [] if self.silent else await self._replies(turn, hearing)
        if replies is None:
            return JSONResponse({"error": "turn_failed"}, 500)
        return JSONResponse({"replies": replies, "hearing": encode(hearing)})

    async def _replies(self, turn: dict[str, Any], hearing: Hearing) -> list[dict[str, Any]] | None:
        if hearing.intent in UTTERED:
            return [{"text": UTTERED[hearing.intent], "buttons": []}]
        assert self.call_action is not None
        answer = await self.call_action(action_call(turn, hearing))
        if answer.status_code != 200:
            return None
        return [{"text": row["text"], "buttons": []} for row in answer.json()["responses"]]

    async def _hear(self, request: Request) -> Response:
        if self.broken:
            return JSONResponse({"error": "down"}, self.broken)
        text = (await request.json())["text"]
        self.heard.append(text)
        return JSONResponse({"hearing": encode(hearing_of(text))})

    async def _health(self, _: Request) -> Response:
        return JSONResponse({"status": "ok"}, self.broken or 200)


def action_call(turn: dict[str, Any], hearing: Hearing) -> dict[str, Any]:
    """As Rasa 3.6 calls its action server, with our bot's shortened tracker."""
    message = {"text": turn["text"], "message_id": turn["message_id"], **parse_of(hearing)}
    return {
        "next_action": "action_desk",
        "sender_id": turn["conversation_id"],
        "tracker": {
            "sender_id": turn["conversation_id"],
            "slots": {},
            "latest_message": message,
            "latest_event_time": 0.0,
            "followup_action": None,
            "paused": False,
            "events": [],
            "latest_input_channel": "gateway",
            "active_loop": {},
            "latest_action": {},
            "latest_action_name": None,
        },
        "domain": {},
        "version": "3.6.21",
    }
