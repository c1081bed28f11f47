"""Two service processes that share a store and a Redis act as one."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from integrations.memory.store import MemoryStore
from service.live import CONSOLE, conversation_topic
from tests.http.world import PLENTY, opened

pytestmark = pytest.mark.anyio


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        while not _answers(port):
            time.sleep(0.02)
        yield f"redis://127.0.0.1:{port}"
        server.terminate()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def test_what_is_said_through_one_process_is_heard_through_the_other(redis_url: str, tmp_path: Path) -> None:
    store = MemoryStore()
    async with (
        opened(tmp_path / "1", store=store, redis_url=redis_url) as one,
        opened(tmp_path / "2", store=store, redis_url=redis_url) as other,
    ):
        headers = await one.begin()
        topic = conversation_topic(one.conversation_of(headers))
        with other.service.live.watch(topic) as page, other.service.live.watch(CONSOLE) as console:
            await one.say(headers, "转人工")
            heard = [await page.get() for _ in range(4)]
            seen = await console.get()
    assert ["message" in (event or "") for event in heard].count(True) >= 2
    assert seen is not None


async def test_a_limit_counts_what_every_process_was_asked(redis_url: str, tmp_path: Path) -> None:
    store, few = MemoryStore(), replace(PLENTY, messages="1/hour")
    async with (
        opened(tmp_path / "1", store=store, redis_url=redis_url, limits=few) as one,
        opened(tmp_path / "2", store=store, redis_url=redis_url, limits=few) as other,
    ):
        headers = await one.begin()
        assert (await one.say(headers, "你好")).status_code == 200
        assert (await other.say(headers, "你好", "m2")).status_code == 429


async def test_without_its_redis_the_service_still_answers(tmp_path: Path) -> None:
    async with opened(tmp_path, redis_url="redis://127.0.0.1:1") as world:
        assert (await world.say(await world.begin(), "你好")).status_code == 200
