"""``risk/sequence/sequence.onnx``: the reader of sequences that comes with the program, learnt on the synthetic shop.

The file is committed, so that a first start, which has no torch, has one; ``make sequence`` writes it after a change of the
twin, the features or the tokens. The seeds are nobody else's: no figure is measured on an order it was learnt from.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone

from retention.case import Case
from risk.history import tabulate
from risk.sequence.reader import SHIPPED
from twin.history import cases
from twin.world import generate

NOW = datetime(2025, 11, 20, 4, tzinfo=timezone.utc)
SEEDS = (101, 102)
ORDERS = 25_000
SOURCE = "synthetic"


def histories() -> Iterator[tuple[Case, bool]]:
    for seed in SEEDS:
        yield from cases(generate(seed, customers=ORDERS // 4, orders=ORDERS, now=NOW))


def told(words: str, done: float) -> None:
    print(f"{done:4.0%} {words}", flush=True)


def main() -> None:
    from risk.train_sequence import Schedule, learn  # needs torch

    past = tabulate(histories(), told)  # all of it: nothing is measured on these seeds
    card = learn(past, SHIPPED, source=SOURCE, seed=0, schedule=Schedule(), progress=told)
    print(f"{SHIPPED}: {SHIPPED.stat().st_size} bytes, {card}")


if __name__ == "__main__":
    main()
