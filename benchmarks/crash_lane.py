"""Children that are killed, one after the other: each first asks again for what the last one died over."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace

from benchmarks.crash_points import AMPLE, POINTS, TIGHT, Job, Reaper, Worker

SHARED = 0.3  # of the jobs: two lanes ask for the same order at about the same time
REVERSED = 0.15
ON_THE_TIGHT_BUDGET = 0.2
OFFSET = 5  # each lane begins at another point, or a short run would not get past the first
LONGEST_LIFE_S = 0.03


@dataclass
class Tally:
    """``told``: what the last answer about an order was; ``killed_at``: when each order's child was killed, last."""

    points: Counter[str] = field(default_factory=Counter)
    told: dict[str, str] = field(default_factory=dict)
    killed_at: dict[str, float] = field(default_factory=dict)


class Lane:
    def __init__(self, number: int, worker: Callable[[], Worker], *, kills: int, seed: int, reverses: bool) -> None:
        self._number = number
        self._worker = worker
        self._kills = kills
        self._random = random.Random(f"{seed}/{number}")
        self._reverses = reverses
        self._tally = Tally()
        self._granted: list[Job] = []

    def run(self) -> Tally:
        """Until so many were killed, and what the last of them was about has been asked for again."""
        left: Job | None = None
        turn = 0
        while self._tally.points.total() < self._kills:
            job, point = self._next(turn)
            turn += 1
            killed = self._child([left] if left else [], job, point)
            if killed:
                self._tally.points[point or "any_moment"] += 1
                self._tally.killed_at[job.order_no] = time.time()
            left = job if killed else None
        if left:
            self._child([left], None, None)
        return self._tally

    def _next(self, turn: int) -> tuple[Job, str | None]:
        """Every second kill comes at a named point, the others at any moment."""
        if self._reverses and self._granted and self._random.random() < REVERSED:
            return replace(self._granted.pop(0), reverse=True), None
        is_shared = self._random.random() < SHARED
        order_no = f"S{turn}" if is_shared else f"L{self._number}-{turn}"
        point = POINTS[(turn // 2 + OFFSET * self._number) % len(POINTS)] if turn % 2 else None
        # by its number, so that everybody who asks for an order means the same budget
        budget = TIGHT if random.Random(order_no).random() < ON_THE_TIGHT_BUDGET else AMPLE
        return Job(order_no, f"lane{self._number}", budget), point

    def _child(self, first: list[Job], armed: Job | None, point: str | None) -> bool:
        """Whether it was killed."""
        answers, ours = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(answers)
            code = 1
            try:
                self._live(ours, first, armed, point)
                code = 0
            finally:
                os._exit(code)
        os.close(ours)
        jobs = [*first, *([armed] if armed else [])]
        with open(answers, encoding="utf-8") as told:
            for line in told:
                if line != "ready\n":
                    self._heard(jobs.pop(0), line.strip())
                elif point is None and armed is not None:
                    self._end_it(pid)
        _, status = os.waitpid(pid, 0)
        if os.WIFSIGNALED(status):
            return True
        if os.WEXITSTATUS(status):
            raise RuntimeError(f"a child failed over {first} {armed}")
        return False

    def _heard(self, job: Job, answer: str) -> None:
        self._tally.told[job.order_no] = answer
        if answer == "granted" and job.order_no.startswith("L"):
            self._granted.append(job)

    def _end_it(self, pid: int) -> None:
        time.sleep(self._random.random() * LONGEST_LIFE_S)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def _live(self, out: int, first: list[Job], armed: Job | None, point: str | None) -> None:
        worker = self._worker()
        worker.prepare()
        for job in first:
            os.write(out, f"{worker.work(job, Reaper(None))}\n".encode())
        os.write(out, b"ready\n")
        if armed is not None:
            os.write(out, f"{worker.work(armed, Reaper(point))}\n".encode())
