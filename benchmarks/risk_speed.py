"""How fast orders are scored, and in how much memory, beside the points table.

    make bench ARGS="benchmarks/risk_speed.py"

``one`` is a score with everything a caller gets (features, sequence, contributions, reasons, neighbours, interval), one
after the other on one thread. ``many`` is the probabilities of so many orders, dealt to two processes that each have
the model. Cases are drawn beforehand from the synthetic shop: reading them from a store is not
in the figure.
"""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import os
import resource
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from retention.case import Case
from retention.risk import Score
from risk.curves import Floats
from risk.model import RiskModel
from risk.prior import RulePrior
from risk.train import train
from twin.history import cases
from twin.world import generate

NOW = datetime(2025, 11, 20, 4, tzinfo=timezone.utc)
SCORED_ONE_BY_ONE = 2000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument(
        "--drawn", type=int, default=10_000, help="different orders; they are repeated to fill --orders"
    )
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    history = list(cases(generate(options.seed, customers=options.drawn // 4, orders=options.drawn, now=NOW)))
    with TemporaryDirectory() as folder:
        train(history, Path(folder))
        size = sum(file.stat().st_size for file in Path(folder).iterdir())
        drawn = [case for case, _ in history]
        before = _resident_mb()
        model = RiskModel.load(Path(folder))
        model.score(drawn[0])
        loaded = _resident_mb()
        one, prior = _one_by_one(model.score, drawn), _one_by_one(RulePrior().score, drawn)
        found, many = _in_two(Path(folder), drawn, options.orders)
    assert np.allclose(found[: len(drawn)], model.probabilities(drawn), atol=1e-6)
    print(
        json.dumps(
            {
                "synthetic": True,
                "one": one,
                "many": many,
                "model_mb": round(size / 1e6, 2),
                "loaded_mb": round(loaded - before, 1),
                "prior": prior,
                "load": [round(each, 1) for each in os.getloadavg()],
            }
        )
    )


def _one_by_one(score: Callable[[Case], Score], drawn: Sequence[Case]) -> dict[str, float]:
    """Wall-clock and the process's own time, in milliseconds: on a busy machine only the second is the program's."""
    wall, own = [], []
    for case in drawn[:SCORED_ONE_BY_ONE]:
        started, used = time.perf_counter(), time.process_time()
        score(case)
        wall.append(time.perf_counter() - started)
        own.append(time.process_time() - used)
    return {
        f"{name}_{kind}_ms": round(float(np.quantile(times, share)) * 1000, 3)
        for kind, times in (("wall", wall), ("cpu", own))
        for name, share in (("p50", 0.5), ("p95", 0.95))
    }


def _in_two(folder: Path, drawn: Sequence[Case], orders: int) -> tuple[Floats, dict[str, object]]:
    """The two have their cases before the clock runs, as two workers of a service would that have just read them."""
    context = multiprocessing.get_context("fork")
    halves = [(0, orders // 2), (orders // 2, orders)]
    ready, go = context.Semaphore(0), context.Event()
    pipes = [context.Pipe(duplex=False) for _ in halves]

    def work(start: int, end: int, out: object) -> None:
        model = RiskModel.load(folder)
        mine = [drawn[place % len(drawn)] for place in range(start, end)]
        gc.freeze()  # as the service does with what it has loaded
        ready.release()
        go.wait()
        used = time.process_time()
        out.send((model.probabilities(mine), _resident_mb(), time.process_time() - used))  # type: ignore[attr-defined]

    workers = [
        context.Process(target=work, args=(*half, writer)) for half, (_, writer) in zip(halves, pipes, strict=True)
    ]
    for worker in workers:
        worker.start()
    for _ in workers:
        ready.acquire()
    started = time.perf_counter()
    go.set()
    found = [reader.recv() for reader, _ in pipes]
    seconds = time.perf_counter() - started
    for worker in workers:
        worker.join()
    told: dict[str, object] = {
        "orders": orders,
        "processes": len(halves),
        "seconds": round(seconds, 2),
        "cpu_seconds_each": [round(used, 2) for *_, used in found],
        "resident_mb": [peak for _, peak, _ in found],
    }
    return np.concatenate([each for each, *_ in found]), told


def _resident_mb() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


if __name__ == "__main__":
    main()
