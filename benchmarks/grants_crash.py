"""Processes killed with -9 anywhere between an offer and its fulfilment, beside a naive ledger killed at the same places.

    make bench ARGS="benchmarks/grants_crash.py --kills 1000 [--database postgresql://...]"

Every second kill comes at one of 12 named places (in the middle of transactions, between them, before and after the order
system has acted), the others at any moment. What a child died over is asked for again by the next one, as a shopper or a CRM
would; another process looks after what is due, as the service does. Lanes race for the same orders; some grants are reversed.
The order system is a process of its own that loses some answers. In the end what was paid, order by order, is compared with
what was answered last. Then writes arrive duplicated and reordered. ``recovery``: from the kill of a process until the grant
it was about is fulfilled.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from benchmarks import crash_deliveries
from benchmarks.crash_bank import Bank, BankRemedies
from benchmarks.crash_lane import Lane, Tally
from benchmarks.crash_points import AMPLE, RESERVE_FEN, TIGHT, Naive, Ours, Worker
from integrations.store.engine import open_store
from integrations.store.migration import migrate
from retention.auditing import Auditor
from retention.fulfilment import FulfilmentState
from retention.offer import GIVEN, Grant
from retention.ports import Store
from service.fulfilling import EVERY_S

FORK = multiprocessing.get_context("fork")
PATIENCE_S = 30.0


@dataclass(frozen=True)
class Run:
    """The tight one of two budgets holds for about half of what is asked of it."""

    url: str
    home: Path
    kills: int
    lanes: int
    seed: int
    faults: float

    @property
    def caps(self) -> dict[str, int]:
        return {AMPLE: 1_000_000 * RESERVE_FEN, TIGHT: max(1, self.kills // 10) * RESERVE_FEN}


@contextmanager
def beside(target: Callable[..., Any], *arguments: Any) -> Iterator[None]:
    """A process for the length of a block."""
    process = FORK.Process(target=target, args=arguments, daemon=True)
    process.start()
    try:
        yield
    finally:
        process.kill()
        process.join()


def serve_bank(address: str, faults: float, seed: int) -> None:
    Bank(address, faults, seed).serve()


def look_after(url: str, bank: str) -> None:
    ours = Ours(url, bank)
    ours.prepare()
    while True:
        ours.look_after()
        time.sleep(EVERY_S)


def killed(run: Run, worker: Callable[[], Worker], *, reverses: bool) -> Tally:
    """All lanes at once, each in a process that forks its children."""
    shares = [run.kills // run.lanes + (number < run.kills % run.lanes) for number in range(run.lanes)]
    answers = [FORK.Pipe(duplex=False) for _ in range(run.lanes)]
    lanes = [Lane(number, worker, kills=share, seed=run.seed, reverses=reverses) for number, share in enumerate(shares)]
    processes = [
        FORK.Process(target=lambda lane, pipe: pipe.send(lane.run()), args=(lane, pipe))
        for lane, (_, pipe) in zip(lanes, answers, strict=True)
    ]
    for process in processes:
        process.start()
    for _, pipe in answers:
        pipe.close()
    total = Tally()
    for here, _ in answers:
        tally: Tally = here.recv()
        total.points.update(tally.points)
        total.killed_at.update(tally.killed_at)
        for order_no, answer in tally.told.items():
            total.told[order_no] = max(answer, total.told.get(order_no, ""))  # reversed > refused > granted
    for process in processes:
        process.join()
    return total


def ours(run: Run) -> dict[str, Any]:
    address = str(run.home / "bank")
    with store_at(run.url) as store, store.transaction() as records:
        for budget_id, cap_fen in run.caps.items():
            records.ledger.set_budget(budget_id, cap_fen)
    with beside(serve_bank, address, run.faults, run.seed):
        await_(lambda: Path(address).exists(), "the bank")
        with beside(look_after, run.url, address):
            tally = killed(run, lambda: Ours(run.url, address), reverses=True)
            with store_at(run.url) as store:
                await_(lambda: _is_settled(store), "the outbox")
        bank = BankRemedies(address)
        books = bank.call("books")
        with store_at(run.url) as store:
            report = Auditor(store=store, remedies=bank, clock=lambda: datetime.now(timezone.utc)).audit()
            grants = _grants(store)
            with store.transaction() as records:
                budgets = [balance.budget for balance in records.books.balances()]
        bank.close()
    given = {grant.order_no for grant in grants if grant.state in GIVEN}
    told = {order_no for order_no, answer in tally.told.items() if answer == "granted"}
    lost = [order_no for order_no in given | told if not books.paid.get(order_no)]
    unfounded = [order_no for order_no, times in books.paid.items() if times > (order_no in given)]
    waits = _recoveries(tally, grants)
    return {
        "kills": tally.points.total(),
        "points": dict(tally.points),
        "grants": len(grants),
        "refused": sum(answer == "refused" for answer in tally.told.values()),
        "reversed": sum(answer == "reversed" for answer in tally.told.values()),
        "doubles": len(unfounded),
        "losses": len(lost),
        "over_budget": _over(run, books.paid_fen) + sum(max(0, -budget.left_fen) for budget in budgets),
        "audit_differences": len(report.differences),
        "recoveries": len(waits),
        "recovery_p50_s": _quantile(waits, 0.5),
        "recovery_p99_s": _quantile(waits, 0.99),
        "recovery_most_s": _quantile(waits, 1.0),
        "order_system_calls": books.calls,
    }


def naive(run: Run, *, pays_again: bool) -> dict[str, Any]:
    address = str(run.home / f"bank-{pays_again}")

    def worker() -> Naive:
        return Naive(run.url, address, run.caps, pays_again=pays_again)

    with beside(serve_bank, address, 0.0, run.seed):
        await_(lambda: Path(address).exists(), "the bank")
        first = worker()
        first.prepare()
        first.create()
        first.close()
        tally = killed(run, worker, reverses=False)
        bank = BankRemedies(address)
        books = bank.call("books")
        bank.close()
    told = [order_no for order_no, answer in tally.told.items() if answer == "granted"]
    return {
        "kills": tally.points.total(),
        "doubles": sum(times > 1 for times in books.paid.values()),
        "losses": sum(not books.paid.get(order_no) for order_no in told),
        "over_budget": _over(run, books.paid_fen),
    }


@contextmanager
def store_at(url: str) -> Iterator[Store]:
    store = open_store(url, busy_seconds=30)
    try:
        yield store
    finally:
        store.close()


def await_(is_true: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + PATIENCE_S
    while not is_true():
        if time.monotonic() > until:
            raise RuntimeError(f"{what} did not come to rest within {PATIENCE_S:g} s")
        time.sleep(0.05)


def _over(run: Run, paid_fen: Mapping[str, int]) -> int:
    return sum(max(0, paid_fen.get(budget_id, 0) - cap_fen) for budget_id, cap_fen in run.caps.items())


def _is_settled(store: Store) -> bool:
    with store.transaction() as records:
        counts = records.fulfilments.counts()
    return counts[FulfilmentState.PENDING] + counts[FulfilmentState.SENT] == 0


def _grants(store: Store) -> list[Grant]:
    found: list[Grant] = []
    while True:
        with store.transaction() as records:
            page = records.books.entries(after=found[-1].grant_id if found else "")
        if not page:
            return found
        found += [entry.grant for entry in page]


def _recoveries(tally: Tally, grants: list[Grant]) -> list[float]:
    """Of the grants that stand: reversed and refused ones have nothing to recover to."""
    by_order = {grant.order_no: grant for grant in grants if grant.state in GIVEN}
    return sorted(
        max(0.0, by_order[order_no].updated_at.timestamp() - at)
        for order_no, at in tally.killed_at.items()
        if order_no in by_order
    )


def _quantile(values: list[float], share: float) -> float | None:
    return round(values[min(len(values) - 1, int(share * len(values)))], 3) if values else None


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--database", help="an empty PostgreSQL or SQLite database; a SQLite file of its own without")
    parser.add_argument("--deliveries", type=int, default=100_000)
    parser.add_argument("--lanes", type=int, default=4)
    parser.add_argument("--faults", type=float, default=0.02, help="share of the order system's calls that go wrong")
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tq-crash-") as folder:
        home = Path(folder)
        url = given.database or f"sqlite:///{home / 'crash.db'}"
        migrate(url)
        run = Run(url=url, home=home, kills=given.kills, lanes=given.lanes, seed=given.seed, faults=given.faults)
        started = time.perf_counter()
        figures = ours(run)
        print("ours:", json.dumps(figures), flush=True)
        seconds = round(time.perf_counter() - started, 1)
        simple = {"pays_again": naive(run, pays_again=True), "trusts_the_row": naive(run, pays_again=False)}
        print("naive:", json.dumps(simple), flush=True)
        delivering = time.perf_counter()
        delivered = crash_deliveries.deliver(url, home, given.deliveries, given.seed)
        delivery_seconds = round(time.perf_counter() - delivering, 1)
    print(
        json.dumps(
            {
                **figures,
                **delivered,
                "naive": simple,
                "kill_seconds": seconds,
                "delivery_seconds": delivery_seconds,
                "seconds": round(time.perf_counter() - started, 1),
                "database": url.partition(":")[0],
                "cores": os.cpu_count(),
            }
        )
    )


if __name__ == "__main__":
    main()
