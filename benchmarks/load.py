"""Send turns one after another in several conversations at once, and say how long they took."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

Send = Callable[[str, str], Awaitable[Any]]
"""(conversation, text) -> the answer; raises when there is none."""


async def conversations(send: Send, work: Sequence[Sequence[tuple[str, str]]]) -> tuple[list[float], float, list[Any]]:
    """Plays each list of (conversation, text) in order, all lists at once. Milliseconds a turn, turns a second, answers."""
    taken: list[float] = []
    answers: list[Any] = []

    async def one(turns: Sequence[tuple[str, str]]) -> None:
        for conversation, text in turns:
            started = time.perf_counter()
            answers.append(await send(conversation, text))
            taken.append((time.perf_counter() - started) * 1000)

    started = time.perf_counter()
    await asyncio.gather(*(one(turns) for turns in work))
    return taken, len(taken) / (time.perf_counter() - started), answers


def summary(taken: Sequence[float], per_second: float) -> dict[str, float]:
    ordered = sorted(taken)
    return {
        "turns_per_s": round(per_second, 1),
        "p50_ms": round(statistics.median(ordered), 1),
        "p95_ms": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))], 1),
    }
