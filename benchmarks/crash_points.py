"""Where a process dies between an offer and its fulfilment, and what it does there: the ledger's way, and a naive one."""

from __future__ import annotations

import os
import signal
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from uuid import UUID, uuid5

from sqlalchemy import event, text

from benchmarks.crash_bank import BankRemedies
from integrations.oms import EmbeddedOrderSystem
from integrations.store.connect import connect
from integrations.store.engine import SqlStore
from retention import granting
from retention.errors import BudgetExhaustedError, StoreBusyError
from retention.fulfiller import Fulfiller
from retention.fulfilment import Act, fulfilment_id
from retention.offer import Grant, GrantState, Offer, grant_key

GRANTS = UUID("0b0f6d3e-6d0a-4b57-9a3b-0d6a2f5c1e44")
RESERVE_FEN = 500
AMPLE, TIGHT = "ample", "tight"

STATEMENTS: dict[str, tuple[str, str, int]] = {  # phase, statement, which one of the phase
    "budget_reserved": ("propose", "UPDATE budgets", 1),
    "grant_written": ("propose", "INSERT INTO grants", 1),
    "grant_moved": ("issue", "UPDATE grants", 1),
    "budget_used": ("issue", "UPDATE budgets", 1),
    "fulfilment_queued": ("issue", "INSERT INTO fulfilments", 1),
    "claim_written": ("fulfil", "UPDATE fulfilments", 1),
    "fulfilled_written": ("fulfil", "UPDATE grants", 1),
    "answer_written": ("fulfil", "UPDATE fulfilments", 2),
}
POINTS = (
    "budget_reserved",
    "grant_written",
    "proposed",  # committed; nobody has heard of it
    "grant_moved",
    "budget_used",
    "fulfilment_queued",
    "issued",  # committed
    "claim_written",
    "claimed",  # committed; the order system is about to be asked
    "acted",  # the order system has paid; nobody has noted it
    "fulfilled_written",
    "answer_written",  # all but committed
)


@dataclass(frozen=True)
class Job:
    """What one shopper or associate asks for. The same ``sender`` asking again for the same order is a retry."""

    order_no: str
    sender: str
    budget: str = AMPLE
    reverse: bool = False

    @property
    def grant(self) -> Grant:
        now = datetime.now(timezone.utc)
        return Grant(
            grant_id=str(uuid5(GRANTS, f"{self.sender}/{self.order_no}")),
            key=grant_key(self.order_no, "logistics"),
            order_no=self.order_no,
            customer_id=f"C-{self.order_no}",
            conversation_id=None,
            state=GrantState.PROPOSED,
            offer=replace(OFFER, budget=self.budget),
            created_at=now,
            updated_at=now,
            expires_at=now + timedelta(hours=24),
            actor=self.sender,
        )


OFFER = Offer(
    offer_id="coupon",
    kind="coupon",
    title="5 元券",
    cause="logistics",
    value_fen=RESERVE_FEN,
    cost_fen=RESERVE_FEN,
    reserve_fen=RESERVE_FEN,
    pitch="补您 5 元券",
    why="物流慢了",
    budget=AMPLE,
    catalog_version="crash",
    terms={"coupon_fen": RESERVE_FEN},
)


class Reaper:
    """Kills this process at the armed point; none is armed for one that may live."""

    def __init__(self, point: str | None) -> None:
        self._point = point
        self._seen: Counter[tuple[str, str]] = Counter()
        self.phase = ""

    def at(self, point: str) -> None:
        if point == self._point:
            os.kill(os.getpid(), signal.SIGKILL)

    def executed(self, statement: str) -> None:
        if self._point not in STATEMENTS:
            return
        phase, start, which = STATEMENTS[self._point]
        if phase == self.phase and statement.startswith(start):
            self._seen[phase, start] += 1
            if self._seen[phase, start] == which:
                self.at(self._point)


class Worker(ABC):
    """One process's way through jobs."""

    @abstractmethod
    def prepare(self) -> None:
        """Connect."""

    @abstractmethod
    def work(self, job: Job, reaper: Reaper) -> str:
        """``granted``, ``refused`` or ``reversed``; the same job may have been tried before, and died anywhere."""


class Ours(Worker):
    def __init__(self, url: str, bank: str) -> None:
        self._url = url
        self._bank = bank
        self._reaper = Reaper(None)

    def prepare(self) -> None:
        engine = connect(self._url, busy_seconds=30)
        event.listen(
            engine, "after_cursor_execute", lambda _connection, _cursor, statement, *_: self._executed(statement)
        )
        self._store = SqlStore(engine)
        remedies = BankRemedies(self._bank, around=lambda point: self._reaper.at(point))
        self._fulfiller = Fulfiller(store=self._store, remedies=remedies, clock=_now, chance=lambda: 0.5)
        self._store.check()

    def work(self, job: Job, reaper: Reaper) -> str:
        self._reaper = reaper
        try:
            grant = self._propose(job)
        except BudgetExhaustedError:
            return "refused"
        reaper.at("proposed")
        if job.reverse and grant.state is not GrantState.PROPOSED:
            return self._reversed(grant, job)
        grant = self._issue(grant, job)
        reaper.at("issued")
        self._fulfil(grant)
        return "granted"

    def _executed(self, statement: str) -> None:
        self._reaper.executed(statement)

    def _propose(self, job: Job) -> Grant:
        self._reaper.phase = "propose"
        wanted = job.grant
        with self._store.transaction() as records:
            records.ledger.lock(wanted.customer_id)
            kept = records.ledger.propose(wanted)
            if kept.grant_id == wanted.grant_id:
                granting.note(records, kept, "grant_proposed", at=_now(), actor=job.sender)
        return kept

    def _issue(self, grant: Grant, job: Job) -> Grant:
        self._reaper.phase = "issue"
        with self._store.transaction() as records:
            return granting.issue(records, EmbeddedOrderSystem(), grant, at=_now(), actor=job.sender)[0]

    def _fulfil(self, grant: Grant) -> None:
        self._reaper.phase = "fulfil"
        with self._store.transaction() as records:
            queued = records.fulfilments.find(fulfilment_id(grant.grant_id, Act.GRANT))
        if queued is not None:
            self._fulfiller.attempt(queued)

    def _reversed(self, grant: Grant, job: Job) -> str:
        with self._store.transaction() as records:
            granting.reverse(records, grant.grant_id, at=_now(), actor=job.sender, why="benchmark")
        return "reversed"

    def look_after(self) -> None:
        """What a service does all the time, once."""
        try:
            for due in self._fulfiller.due():
                self._fulfiller.attempt(due)
        except StoreBusyError:
            pass


class Naive(Worker):
    """Insert the grant, call the order system, mark it. On a retry an unmarked row is paid again, or trusted."""

    def __init__(self, url: str, bank: str, caps: Mapping[str, int], *, pays_again: bool) -> None:
        self._url = url
        self._bank = bank
        self._caps = caps
        self._pays_again = pays_again
        self._table = "naive_again" if pays_again else "naive_trusting"

    def prepare(self) -> None:
        self._engine = connect(self._url, busy_seconds=30)
        self._remedies = BankRemedies(self._bank)
        with self._engine.begin() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        self._engine.dispose()
        self._remedies.close()

    def create(self) -> None:
        with self._engine.begin() as connection:
            connection.execute(text(f"CREATE TABLE {self._table} (order_no TEXT, budget TEXT, state TEXT, fen BIGINT)"))

    def work(self, job: Job, reaper: Reaper) -> str:
        with self._engine.begin() as connection:
            found = connection.execute(
                text(f"SELECT state FROM {self._table} WHERE order_no = :order"), {"order": job.order_no}
            ).scalar()
        if found == "paid" or (found is not None and not self._pays_again):
            return "granted"
        if found is None:
            with self._engine.begin() as connection:
                spent = connection.execute(
                    text(f"SELECT COALESCE(SUM(fen), 0) FROM {self._table} WHERE budget = :budget"),
                    {"budget": job.budget},
                ).scalar()
                if int(spent or 0) + RESERVE_FEN > self._caps[job.budget]:
                    return "refused"
                values = {"order": job.order_no, "budget": job.budget, "fen": RESERVE_FEN}
                connection.execute(text(f"INSERT INTO {self._table} VALUES (:order, :budget, 'new', :fen)"), values)
                _dead_at(reaper, POINTS[:6])
        _dead_at(reaper, POINTS[6:9])
        self._remedies.call("pay", job.order_no, job.budget, RESERVE_FEN)
        _dead_at(reaper, POINTS[9:])
        with self._engine.begin() as connection:
            connection.execute(
                text(f"UPDATE {self._table} SET state = 'paid' WHERE order_no = :order"), {"order": job.order_no}
            )
        return "granted"


def _dead_at(reaper: Reaper, points: tuple[str, ...]) -> None:
    for point in points:
        reaper.at(point)


def _now() -> datetime:
    return datetime.now(timezone.utc)
