"""The shop's own order system, as docs/order-system.md asks for it, with the ways in which real ones fail."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from enum import Enum
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.web_server import serving

SECRET = "whsec_b3JkZXItc3lzdGVtLXNlY3JldC0wMTIzNDU2Nzg5"
PAGE = 2


class Mishap(str, Enum):
    """What happens to the next call."""

    BROKEN = "500"
    IN_PROGRESS = "409"
    REFUSED = "422"
    GARBLED = "garbled"  # a proxy's page instead of JSON
    ANSWER_LOST = "answer_lost"  # it acts, and the caller never hears of it


@dataclass
class FakeOrderSystem:
    """``paid`` counts what a shopper has really got, by grant: never more than 1 if the order system keeps its word."""

    mishaps: list[Mishap] = field(default_factory=list)
    paid: dict[str, int] = field(default_factory=dict)
    remedies: dict[str, dict[str, Any]] = field(default_factory=dict)
    bodies: dict[str, bytes] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    @property
    def app(self) -> Starlette:
        routes = [
            Route("/remedies", self._act, methods=["POST"]),
            Route("/remedies", self._list, methods=["GET"]),
            Route("/remedies/{grant_id}", self._one, methods=["GET"]),
        ]
        return Starlette(routes=routes)

    async def _act(self, request: Request) -> Response:
        body = await request.body()
        if not _is_signed(request, body):
            return Response(status_code=401)
        key = request.headers["idempotency-key"]
        if self.bodies.setdefault(key, body) != body:
            return JSONResponse({"code": "key_reused"}, 422)
        wish = json.loads(body)
        self.calls.append((key, wish))
        mishap = self.mishaps.pop(0) if self.mishaps else None
        if mishap is Mishap.GARBLED:
            return Response("<html>502</html>")
        if mishap in (Mishap.BROKEN, Mishap.IN_PROGRESS, Mishap.REFUSED):
            return JSONResponse({"code": "order_closed", "message": "欧阳小满的订单已关闭"}, int(mishap.value))
        remedy = self._done(wish)
        if mishap is Mishap.ANSWER_LOST:
            while not await request.is_disconnected():
                await asyncio.sleep(0.01)
        return JSONResponse(remedy)

    def _done(self, wish: dict[str, Any]) -> dict[str, Any]:
        grant_id = wish["grant_id"]
        known = self.remedies.get(grant_id)
        if wish["act"] == "grant" and known is None:
            self.paid[grant_id] = self.paid.get(grant_id, 0) + 1
            self._keep(grant_id, "given")
        elif wish["act"] == "reverse" and (known is None or known["standing"] == "given"):
            self.paid[grant_id] = 0
            self._keep(grant_id, "taken_back")
        return self.remedies[grant_id]

    def _keep(self, grant_id: str, standing: str) -> None:
        now = datetime.now(timezone.utc).isoformat()
        reference = self.remedies.get(grant_id, {}).get("reference", f"OMS-{len(self.remedies) + 1}")
        self.remedies[grant_id] = {"grant_id": grant_id, "standing": standing, "reference": reference, "at": now}

    async def _one(self, request: Request) -> Response:
        if not _is_signed(request, _target(request)):
            return Response(status_code=401)
        found = self.remedies.get(request.path_params["grant_id"])
        return Response(status_code=404) if found is None else JSONResponse(found)

    async def _list(self, request: Request) -> Response:
        if not _is_signed(request, _target(request)):
            return Response(status_code=401)
        after, since = request.query_params.get("cursor", ""), datetime.fromisoformat(request.query_params["since"])
        fitting = [
            self.remedies[grant_id]
            for grant_id in sorted(self.remedies)
            if grant_id > after and datetime.fromisoformat(self.remedies[grant_id]["at"]) >= since
        ]
        more = fitting[PAGE - 1]["grant_id"] if len(fitting) > PAGE else None
        return JSONResponse({"remedies": fitting[:PAGE], "next": more})


@contextmanager
def order_system() -> Iterator[tuple[FakeOrderSystem, str]]:
    """It and its address."""
    fake = FakeOrderSystem()
    with serving(fake.app) as url:
        yield fake, url


def _is_signed(request: Request, body: bytes) -> bool:
    try:
        Webhook(SECRET).verify(body, dict(request.headers), json_parse=False)
    except WebhookVerificationError:
        return False
    return True


def _target(request: Request) -> bytes:
    query: bytes = request.scope["query_string"]
    path: bytes = request.scope["raw_path"]
    return path + b"?" + query if query else path
