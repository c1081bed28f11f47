"""The real Rasa server over a desk of the test's own, started once per test run."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from bot import launch

SECRET = "the-secret-of-the-gateway"
START_SECONDS = 180

_MESSAGES = count(1)


@dataclass(frozen=True, kw_only=True)
class Rasa:
    """A running server. ``turn`` is what the service would send for a shopper's message."""

    client: httpx.Client

    def turn(self, text: str, *, conversation_id: str = "c-test", **state: Any) -> dict[str, Any]:
        response = self.post("/turns", turn_body(text, conversation_id=conversation_id, **state))
        assert response.status_code == httpx.codes.OK, response.text
        answered: dict[str, Any] = response.json()
        return answered

    def hear(self, text: str, **state: Any) -> dict[str, Any]:
        response = self.post("/hear", {"text": text, "state": state})
        assert response.status_code == httpx.codes.OK, response.text
        heard: dict[str, Any] = response.json()["hearing"]
        return heard

    def post(self, path: str, body: object, *, secret: bytes | None = SECRET.encode()) -> httpx.Response:
        headers = {} if secret is None else {b"Authorization": b"Bearer " + secret}
        if isinstance(body, bytes):
            return self.client.post(path, content=body, headers=headers)
        return self.client.post(path, json=body, headers=headers)


def turn_body(text: str, *, conversation_id: str = "c-test", **state: Any) -> dict[str, Any]:
    return {
        "conversation_id": conversation_id,
        "message_id": f"m-{next(_MESSAGES)}",
        "text": text,
        "state": {"status": "bot", "expecting": None, "options": [], **state},
    }


def bot_folder(home: Path) -> Path:
    return home / "models" / "bot"


@contextmanager
def running(home: Path, *, action_url: str, action_token: str, log: Path) -> Iterator[Rasa]:
    """A server of the trained home, from healthy to stopped."""
    port = free_port()
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            launch.run_command(launch.BOT_PYTHON, folder=bot_folder(home), port=port),
            cwd=launch.ROOT,
            env=launch.environment(
                os.environ, home=home, rasa_secret=SECRET, action_url=action_url, action_token=action_token
            ),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}/webhooks/gateway", timeout=60, trust_env=False) as client:
            _wait_until_healthy(client, process, log)
            yield Rasa(client=client)
    finally:
        process.terminate()
        process.wait(timeout=60)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_healthy(client: httpx.Client, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if client.get("/health").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass  # not listening yet
        time.sleep(0.1)
    raise AssertionError(f"Rasa did not start:\n{log.read_text(encoding='utf-8')[-4000:]}")
