"""Whether every part is there, in words an operator can act on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Literal

from starlette.concurrency import run_in_threadpool
from typing_extensions import TypedDict

from integrations.live_file import LiveFile
from integrations.rasa import Rasa
from integrations.wiring import Shop
from retention.errors import StoreBusyError

FRESH_S = 1.0
"""Anybody may ask; the parts are looked at once a second at most."""


class Check(TypedDict):
    name: str
    state: Literal["ok", "degraded", "down"]
    detail: str


class Readiness(TypedDict):
    """Ready as long as nothing is down; degraded parts have something to stand in for them."""

    ready: bool
    checks: list[Check]


RASA: Mapping[str, Check] = {
    "ok": {"name": "rasa", "state": "ok", "detail": "对话引擎正常"},
    "starting": {
        "name": "rasa",
        "state": "down",
        "detail": "对话引擎正在启动，通常不到一分钟；在此之前顾客的消息会直接转人工",
    },
    "down": {
        "name": "rasa",
        "state": "down",
        "detail": "对话引擎没有响应，顾客的消息会直接转人工：检查 Rasa 进程和 TOURNIQUET_RASA_URL，日志在 logs/rasa.log",
    },
}


class Ready:
    def __init__(self, shop: Shop, rasa: Rasa) -> None:
        self._shop = shop
        self._rasa = rasa
        self._lock = asyncio.Lock()
        self._looked_at = float("-inf")
        self._last: Readiness = {"ready": False, "checks": []}

    async def look(self) -> Readiness:
        async with self._lock:
            if time.monotonic() - self._looked_at > FRESH_S:
                checks = [
                    await run_in_threadpool(self._store),
                    RASA[await self._rasa.state()],
                    self._language(),
                    self._risk(),
                    _rows("catalog", self._shop.catalog),
                    _rows("interception", self._shop.interception),
                    _rows("guard", self._shop.guarding),
                ]
                self._last = {"ready": all(check["state"] != "down" for check in checks), "checks": checks}
                self._looked_at = time.monotonic()
            return self._last

    def _store(self) -> Check:
        try:
            self._shop.store.check()
        except StoreBusyError:
            detail = "数据库暂时不可用，消息无法保存：检查数据库进程、磁盘空间和 TOURNIQUET_DATABASE_URL"
            return {"name": "store", "state": "down", "detail": detail}
        return {"name": "store", "state": "ok", "detail": "数据库正常"}

    def _language(self) -> Check:
        """Rasa serves it; a Rasa elsewhere has its own copy, which its own health vouches for."""
        settings = self._shop.settings
        if settings.own_rasa and not any(settings.language_folder.glob("*")):
            detail = "还没有训练语言模型：运行 ./tourniquet train language"
            return {"name": "language model", "state": "down", "detail": detail}
        return {"name": "language model", "state": "ok", "detail": "语言模型就绪"}

    def _risk(self) -> Check:
        risk = self._shop.risk
        if risk.problem is not None:
            detail = f"{risk.problem}：历史订单足够后运行 ./tourniquet train risk"
            return {"name": "risk model", "state": "degraded", "detail": detail}
        return {"name": "risk model", "state": "ok", "detail": f"风险模型 {risk.version}"}


def _rows(name: str, live: LiveFile) -> Check:
    if live.problem is not None:
        return {"name": name, "state": "degraded", "detail": live.problem}
    return {"name": name, "state": "ok", "detail": f"{live.title} {live.version}"}
