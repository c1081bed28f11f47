"""Somebody who subscribed to notices: keeps what came, answers what it is told to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


@dataclass(frozen=True, kw_only=True)
class Delivery:
    headers: dict[str, str]
    body: bytes

    def proven(self, secret: str) -> Any:
        """The JSON, or WebhookVerificationError: checked with the standard's own library, its clock included."""
        return Webhook(secret).verify(self.body, self.headers)

    @property
    def notice_id(self) -> str:
        return self.headers["webhook-id"]


@dataclass
class Receiver:
    """``answers`` are given in turn; afterwards 204."""

    deliveries: list[Delivery] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/hook", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        self.deliveries.append(Delivery(headers=dict(request.headers), body=await request.body()))
        status, headers = self.answers.pop(0) if self.answers else (204, {})
        return Response(status_code=status, headers=headers)
