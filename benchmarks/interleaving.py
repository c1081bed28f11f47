"""Several at once, in an order that can be played again: a race is a way to put their transactions in a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Semaphore, local
from typing import TypeVar

from retention.ports import Records, Store

T = TypeVar("T")


class Interleaved(Store):
    """A store in which those who race take turns, a transaction each; between two of theirs anything may happen.

    Stores run one transaction after the other, so every race with a result has such an order.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._here = local()
        self._threads = ThreadPoolExecutor(8)

    @contextmanager
    def transaction(self) -> Iterator[Records]:
        wait = getattr(self._here, "wait", None)
        if wait is not None:
            wait()
        with self._store.transaction() as records:
            yield records

    def check(self) -> None:
        self._store.check()

    def close(self) -> None:
        self._threads.shutdown()

    def race(self, acts: Sequence[Callable[[], T]], schedule: Sequence[int]) -> list[T]:
        """``schedule`` says who of those who wait goes next, again and again. Raises what an act raised."""
        arrived: SimpleQueue[bool] = SimpleQueue()
        turns = [Semaphore(0) for _ in acts]

        def run(number: int) -> T:
            def wait() -> None:
                arrived.put(True)
                turns[number].acquire()

            self._here.wait = wait
            try:
                return acts[number]()
            finally:
                self._here.wait = None
                arrived.put(False)

        done = []
        waiting = []
        for number in range(len(acts)):
            done.append(self._threads.submit(run, number))
            if arrived.get():
                waiting.append(number)
        step = 0
        while waiting:
            chosen = waiting[schedule[step % len(schedule)] % len(waiting)]
            step += 1
            turns[chosen].release()
            if not arrived.get():
                waiting.remove(chosen)
        return [one.result() for one in done]
