"""The dialogue engine is killed under a running shop: the shopper gets a person, nothing is lost, the engine comes back."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from service.sandbox import Sandbox, family, running
from tests.shopper import Shopper

pytestmark = pytest.mark.rasa
COMES_BACK_SECONDS = 120.0


def rasa_of(stack: Sandbox) -> int:
    commands = {pid: Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8") for pid in family(stack.process.pid)}
    return next(pid for pid, command in commands.items() if "bot.light" in command)


def wait_for(stack: Sandbox, status: int) -> None:
    until = time.monotonic() + COMES_BACK_SECONDS
    while httpx.get(f"{stack.url}/readyz", trust_env=False).status_code != status:
        assert time.monotonic() < until, f"/readyz never said {status}"
        time.sleep(0.1)


def test_a_killed_engine_costs_nobody_an_answer_and_comes_back(meet: Callable[..., Shopper]) -> None:
    with running() as stack:
        shopper = meet(stack, status="shipped", delay_hours=62)
        os.kill(rasa_of(stack), signal.SIGKILL)
        answer = shopper.say("物流太慢了我要退单")
        assert answer["status"] == "waiting"
        assert "转给人工" in answer["replies"][0]["text"]
        assert shopper.conversation()["messages"][0]["text"] == "物流太慢了我要退单"
        wait_for(stack, httpx.codes.SERVICE_UNAVAILABLE)
        wait_for(stack, httpx.codes.OK)
        other = meet(stack, status="shipped", delay_hours=62)
        assert other.say("物流太慢了我要退单")["status"] == "bot"
