"""Around every request: an id, a time, the headers that keep a browser safe, and an answer even when we fail."""

from __future__ import annotations

import re
import time
from uuid import uuid4

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.logs import logger
from service.metrics import Metrics
from service.problems import general

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
HOST = re.compile(r"[A-Za-z0-9.:\[\]-]{1,255}")
QUIET = frozenset({"/healthz", "/readyz", "/metrics", "/internal/actions"})
"""Asked every few seconds by machines, or part of a turn that is logged anyway."""

log = logger(__name__)


class Shell:
    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        request_id = _request_id(request)
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started, status = time.perf_counter(), 0
        headers = {**safe_headers(request), "X-Request-ID": request_id}

        async def dressed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message).update(headers)
            await send(message)

        try:
            await self._app(scope, receive, dressed)
        except Exception:
            log.exception("request_failed", path=request.url.path)
            if status:  # the answer is on its way; the connection has to end
                raise
            await general(500, request.url.path).response()(scope, receive, dressed)
        finally:
            self._note(scope, request.method, status, time.perf_counter() - started)
            structlog.contextvars.unbind_contextvars("request_id")

    def _note(self, scope: Scope, method: str, status: int, seconds: float) -> None:
        """By route, never by path: a path holds order numbers and customers."""
        route = getattr(scope.get("route"), "path", "none")
        self._metrics.requests.labels(method if method in METHODS else "other", route, str(status)).inc()
        self._metrics.request_seconds.labels(route).observe(seconds)
        if route not in QUIET:
            log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))


METHODS = frozenset({"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"})


def safe_headers(request: Request) -> dict[str, str]:
    """Scripts, styles and sockets of our own origin only, and in nobody's frame."""
    host = request.headers.get("host", "")
    sockets = f" ws://{host} wss://{host}" if HOST.fullmatch(host) else ""  # older browsers: 'self' is no socket
    return {
        "Content-Security-Policy": (
            f"default-src 'self'; connect-src 'self'{sockets}; base-uri 'none'; form-action 'self'; "
            "frame-ancestors 'none'; object-src 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-cache" if request.url.path.startswith("/static/") else "no-store",
    }


def _request_id(request: Request) -> str:
    given = request.headers.get("x-request-id", "")
    return given if REQUEST_ID.fullmatch(given) else uuid4().hex
