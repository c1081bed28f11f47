"""An order system for the crash benchmark: a process that outlives those that are killed, and counts what it has paid."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from multiprocessing.connection import Client, Connection, Listener
from threading import Lock, Thread
from typing import Any

from retention.errors import RemedyUncertainError
from retention.fulfilment import Remedy, Standing
from retention.money_ports import Remedies
from retention.offer import Grant

FAULTS = ("broken", "answer_lost")


@dataclass(frozen=True)
class Books:
    """How often each order was paid, and how much in all."""

    paid: dict[str, int]
    paid_fen: Mapping[str, int]  # by budget
    calls: int


class Bank:
    """Keeps its word as docs/order-system.md asks; one call in ``1/faults`` fails before or after it has acted."""

    def __init__(self, address: str, faults: float, seed: int) -> None:
        self._listener = Listener(address, "AF_UNIX", backlog=64)
        self._faults = faults
        self._random = random.Random(seed)
        self._lock = Lock()
        self._remedies: dict[str, Remedy] = {}
        self._paid: Counter[str] = Counter()
        self._fen: Counter[str] = Counter()
        self._calls = 0

    def serve(self) -> None:
        while True:
            Thread(target=self._talk, args=(self._listener.accept(),), daemon=True).start()

    def _talk(self, caller: Connection) -> None:
        with suppress(EOFError, OSError):  # the caller was killed
            while True:
                call, arguments = caller.recv()
                caller.send(getattr(self, call)(*arguments))

    def give(self, grant_id: str, order_no: str, budget: str, fen: int) -> Remedy | None:
        """None: the caller never hears what happened."""
        with self._lock:
            fault = self._fault()
            if fault != "broken" and grant_id not in self._remedies:
                self._remedies[grant_id] = _remedy(grant_id, Standing.GIVEN)
                self._pay(order_no, budget, fen)
            return None if fault else self._remedies[grant_id]

    def take_back(self, grant_id: str, order_no: str, budget: str, fen: int) -> Remedy | None:
        with self._lock:
            fault = self._fault()
            known = self._remedies.get(grant_id)
            if fault != "broken" and (known is None or known.standing is Standing.GIVEN):
                self._remedies[grant_id] = _remedy(grant_id, Standing.TAKEN_BACK)
                if known is not None:
                    self._pay(order_no, budget, -fen, times=-1)
            return None if fault else self._remedies[grant_id]

    def pay(self, order_no: str, budget: str, fen: int) -> None:
        """What it does for a caller that sends no key: it pays."""
        with self._lock:
            self._pay(order_no, budget, fen)

    def find(self, grant_id: str) -> Remedy | None:
        return self._remedies.get(grant_id)

    def all(self) -> list[Remedy]:
        return list(self._remedies.values())

    def books(self) -> Books:
        with self._lock:
            return Books(dict(self._paid), dict(self._fen), self._calls)

    def _pay(self, order_no: str, budget: str, fen: int, times: int = 1) -> None:
        self._paid[order_no] += times
        self._fen[budget] += fen

    def _fault(self) -> str | None:
        self._calls += 1
        return self._random.choice(FAULTS) if self._random.random() < self._faults else None


class BankRemedies(Remedies):
    """``around`` is told where a call is: the place at which a process may be killed."""

    def __init__(self, address: str, around: Callable[[str], None] = lambda _: None) -> None:
        self._bank = Client(address, "AF_UNIX")
        self._around = around

    def fulfil(self, fulfilment_id: str, grant: Grant, *, now: datetime) -> Remedy:
        self._around("claimed")
        answer = self.call("give", grant.grant_id, grant.order_no, grant.offer.budget, grant.reserve_fen)
        self._around("acted")
        return _clear(answer)

    def undo(self, fulfilment_id: str, grant: Grant, *, now: datetime) -> Remedy:
        return _clear(self.call("take_back", grant.grant_id, grant.order_no, grant.offer.budget, grant.reserve_fen))

    def find(self, grant_id: str) -> Remedy | None:
        found: Remedy | None = self.call("find", grant_id)
        return found

    def all(self, since: datetime) -> Iterator[Remedy]:
        yield from self.call("all")

    def close(self) -> None:
        self._bank.close()

    def call(self, name: str, *arguments: object) -> Any:
        self._bank.send((name, arguments))
        return self._bank.recv()


def _clear(answer: Remedy | None) -> Remedy:
    if answer is None:
        raise RemedyUncertainError("no answer")
    return answer


def _remedy(grant_id: str, standing: Standing) -> Remedy:
    return Remedy(grant_id=grant_id, standing=standing, reference=f"bank-{grant_id}", at=datetime.now(timezone.utc))
