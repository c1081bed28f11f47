"""Two sides of many conversations who write to each other, and what their screens show of it."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine, Hashable, Mapping
from typing import Any

import httpx
from websockets.exceptions import ConnectionClosed

EVERY_S = 10.0
"""Each side of a conversation writes once in this time, give or take half of it."""
AGAIN, AGAIN_AFTER_S = 0.02, 1.0
"""This share of the messages is sent once more, as by a screen whose answer was lost on its way."""
WARM_S = 10.0
PATIENCE_S = 10.0

WORDS = {
    "shopper": (
        "你好在吗", "我的快递怎么还没到", "都三天没更新物流了", "那我不想要了可以退吗", "尺码买小了想换大一号",
        "什么时候能退款", "好的谢谢", "能不能改一下收货地址", "我等不了那么久", "你们这个活动价怎么跟昨天不一样",
    ),
    "agent": (
        "您好，我是人工客服，正在为您查看订单。", "已经帮您催促快递，今天会更新物流。", "可以的，我这边帮您换大一码。",
        "退款会在三天内原路退回。", "麻烦您提供一下新的收货地址。", "让您久等了，我再核实一下。", "还有什么可以帮您？",
    ),
}  # fmt: skip

Speak = Callable[[int, str, str], Coroutine[Any, Any, None]]
"""(conversation, message id, words): say it, from one side; done when the message is out."""


class Tally:
    """When each message was sent, when the other side's screen had it, and how many lines it makes there."""

    def __init__(self) -> None:
        self.counts_from = 0.0
        self.refused: Counter[str] = Counter()
        self._sent: dict[str, float] = {}
        self._shown: dict[str, float] = {}
        self._lines: defaultdict[str, set[Hashable]] = defaultdict(set)

    def sent(self, message_id: str) -> None:
        self._sent[message_id] = time.perf_counter()

    def shown(self, message_id: str, line: Hashable) -> None:
        """``line``: what the screen tells lines apart by; the same line again is drawn over."""
        self._shown.setdefault(message_id, time.perf_counter())
        self._lines[message_id].add(line)

    @property
    def missing(self) -> int:
        return len(self._sent.keys() - self._shown.keys())

    def figures(self) -> dict[str, Any]:
        taken = {
            message_id: (at - self._sent[message_id]) * 1000
            for message_id, at in self._shown.items()
            if self._sent[message_id] >= self.counts_from
        }
        sides = {side: [ms for message_id, ms in taken.items() if message_id.startswith(side)] for side in WORDS}
        return {
            **_quantiles(list(taken.values())),
            "n": len(taken),
            **{f"from_{side}": _quantiles(times) for side, times in sides.items()},
            "lost": self.missing,
            "refused": dict(self.refused),
            "doubled": sum(len(lines) > 1 for lines in self._lines.values()),
        }


def _quantiles(taken: list[float]) -> dict[str, float]:
    ordered = sorted(taken)
    p95, p99 = (ordered[int(len(ordered) * share)] for share in (0.95, 0.99))
    return {"p50_ms": round(statistics.median(ordered), 1), "p95_ms": round(p95, 1), "p99_ms": round(p99, 1)}


async def converse(
    count: int, speaks: Mapping[str, Speak], tally: Tally, *, seconds: float, seed: int
) -> dict[str, Any]:
    """``count`` conversations for ``seconds``, after a while that warms up; then wait for what is still on its way."""
    started = time.perf_counter()
    tally.counts_from = started + WARM_S
    async with asyncio.TaskGroup() as talks:
        for side, speak in speaks.items():
            for number in range(count):
                dice = random.Random(f"{seed}:{side}:{number}")
                talks.create_task(_side(side, number, speak, tally, dice, until=started + WARM_S + seconds))
    patient_until = time.perf_counter() + PATIENCE_S
    while tally.missing and time.perf_counter() < patient_until:
        await asyncio.sleep(0.1)
    await asyncio.sleep(1)  # what would come twice comes now
    return tally.figures()


async def _side(side: str, number: int, speak: Speak, tally: Tally, dice: random.Random, *, until: float) -> None:
    pause, index = dice.uniform(0, EVERY_S), 0
    async with asyncio.TaskGroup() as saying:
        while time.perf_counter() + pause < until:
            await asyncio.sleep(pause)
            message_id, words = f"{side}-{number}-{index}", dice.choice(WORDS[side])
            tally.sent(message_id)
            saying.create_task(_say(speak, number, message_id, words, tally))
            if dice.random() < AGAIN:
                saying.create_task(_say(speak, number, message_id, words, tally, after_s=AGAIN_AFTER_S))
            pause, index = dice.uniform(0.5, 1.5) * EVERY_S, index + 1


async def _say(speak: Speak, number: int, message_id: str, words: str, tally: Tally, *, after_s: float = 0.0) -> None:
    await asyncio.sleep(after_s)
    try:
        await speak(number, message_id, words)
    except (ConnectionClosed, httpx.HTTPError) as problem:  # on no screen, unless it was the second try
        tally.refused[type(problem).__name__] += 1
