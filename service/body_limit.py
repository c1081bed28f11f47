"""How large a request may be: refused by its announced length, or as soon as it turns out to be longer."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.problems import general

CHAT_BYTES = 64 * 1024
SERVER_BYTES = 1024 * 1024
SMALL = ("/v1/chat", "/v1/channels", "/console", "/demo")
PICTURE_BYTES = 5 * 1024 * 1024
LIMITS = (
    ("/v1/chat/attachments", PICTURE_BYTES),
    *((prefix, CHAT_BYTES) for prefix in SMALL),
    ("", SERVER_BYTES),
)


class BodyLimit:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        path = request.url.path
        left = next(limit for prefix, limit in LIMITS if path.startswith(prefix))
        announced = request.headers.get("content-length", "")
        if announced.isdigit() and int(announced) > left:
            await general(413, path).response()(scope, receive, send)
            return

        async def counted() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise HTTPException(413)
            return message

        await self._app(scope, counted, send)
