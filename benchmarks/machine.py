"""How busy the machine was while something was measured, and with what."""

from __future__ import annotations

import os
import time
from pathlib import Path

from service.sandbox import family

TICK_S = 1 / os.sysconf("SC_CLK_TCK")


class Machine:
    """From now on. ``pid``: the process, with all it started, that is measured; the rest is this client and strangers."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._since = time.perf_counter()
        self._before = self._now()

    def busy(self) -> dict[str, float]:
        """Cores in use on average: everybody's, the measured processes', this client's. Of how many: ``cores``."""
        seconds = time.perf_counter() - self._since
        used = [round((now - then) / seconds, 2) for now, then in zip(self._now(), self._before, strict=True)]
        return {**dict(zip(("cores_all", "cores_measured", "cores_client"), used, strict=True)), "cores": _cores()}

    def _now(self) -> tuple[float, float, float]:
        words = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()
        ticks = [int(word) for word in words[1:9]]
        idle = ticks[3] + ticks[4]
        own = os.times()
        return (sum(ticks) - idle) * TICK_S, sum(map(_used, family(self._pid))), own.user + own.system


def _used(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK_S


def _cores() -> int:
    return os.cpu_count() or 1
