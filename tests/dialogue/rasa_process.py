"""The real Rasa server: trained once for as long as its sources stay the same, started once per test run."""

from __future__ import annotations

import hashlib
import os
import shutil
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
from language.train import train as train_language

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

    def hear(self, text: str) -> dict[str, Any]:
        response = self.post("/hear", {"text": text})
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


def trained(home: Path) -> Path:
    """``home`` with both models in it, trained only when what they learn from has changed."""
    _train_language(home)
    folder = bot_folder(home)
    if not launch.is_current(folder):
        launch.train(os.environ, home=home, folder=folder)
    return home


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


def _train_language(home: Path) -> None:
    """Two minutes, so it is kept between runs until the utterances or the trainer change."""
    folder = home / "models" / "language"
    marker = home / "models" / "language.sha256"
    sources = sorted([*(launch.ROOT / "nlu_data").rglob("*.yml"), *(launch.ROOT / "language").glob("*.py")])
    digest = hashlib.sha256(b"".join(hashlib.sha256(file.read_bytes()).digest() for file in sources)).hexdigest()
    if marker.exists() and marker.read_text(encoding="utf-8") == digest:
        return
    shutil.rmtree(folder, ignore_errors=True)
    train_language(launch.ROOT / "nlu_data", folder)
    marker.write_text(digest, encoding="utf-8")
