"""A desk that answers with what it was asked, behind the real actions and a real HTTP server: the service's stand-in."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from actions.registry import executor
from retention.conversation import Turn
from retention.reply import Bubble, Button, OfferCard

TOKEN = "the-token-of-the-action-endpoint"
OFFER = OfferCard(
    grant_id="g-1", title="补 5 元", value_fen=500, expires_at="2026-01-01T00:00:00+00:00", why="物流晚到"
)


@dataclass(frozen=True, kw_only=True)
class Reply:
    bubbles: tuple[Bubble, ...]


class FakeDesk:
    """``handled`` and ``asked_back`` are the turns it was given. It breaks on demand and waits while ``closed``."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.reset()

    def reset(self) -> None:
        self.open.set()
        self.broken = False
        self.handled: list[Turn] = []
        self.asked_back: list[Turn] = []
        self.calls: list[dict[str, Any]] = []

    def handle(self, turn: Turn) -> Reply:
        if self.broken:
            raise RuntimeError("the desk is broken on demand")
        self.handled.append(turn)
        self.open.wait(timeout=60)
        offer = Bubble(
            text="这样可以吗？",
            buttons=(Button(title="接受方案", text="就按这个来"), Button(title="不用", text="不用了")),
            offer=OFFER,
        )
        return Reply(bubbles=(Bubble(text="查到了。"), offer))

    def ask_back(self, turn: Turn) -> Reply:
        self.asked_back.append(turn)
        return Reply(bubbles=(Bubble(text="您是想取消订单，还是查物流？"),))


@contextmanager
def serving(desk: FakeDesk) -> Iterator[str]:
    """The address of an action endpoint over the desk; it serves the holder of ``TOKEN``."""
    answering = executor(desk)

    class Endpoint(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65536  # head and body in one packet

        def do_POST(self) -> None:
            call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            desk.calls.append(call)
            if self.headers["Authorization"] != f"Bearer {TOKEN}":
                return self._answer(401, b"{}")
            try:
                result = asyncio.run(answering.run(call))
            except RuntimeError as error:
                return self._answer(500, json.dumps({"error": str(error)}).encode())
            return self._answer(200, result.model_dump_json().encode())

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/actions"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
