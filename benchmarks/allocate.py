"""Whom to give what inside the budgets: how long it takes, and how far it is below what no allocation can pass.

    make bench ARGS="benchmarks/allocate.py --customers 100000 --offers 6"
    make bench ARGS="benchmarks/allocate.py --decisions 10000000"

The shop is synthetic: margins and gains are skewed, a third of the offers do not fit, the one budget pays for a tenth of the
customers. ``lp_bound`` (fen) is the Lagrangian bound, which is the optimum of the linear relaxation; ``gap`` is the share of
it that is missed. The peer is plain bisection on the price, every pass over everybody, then nothing. ``several`` shares
the same money out over three budgets. One core; the best of ``--repeat`` runs. With ``--decisions``, random shops of all sizes
with random caps until so many customers are decided; ``breaches`` counts budgets passed, offers that nobody may have, and
books that do not agree.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from compensation.allocate import NOTHING, Floats, Ints, Places, allocate

PASSES = 50


@dataclass(frozen=True, kw_only=True)
class Shop:
    gain_fen: Ints
    cost_fen: Ints
    budget_of: list[int]
    caps_fen: list[int]


def shop(dice: np.random.Generator, customers: int, offers: int, budgets: int, served: float) -> Shop:
    margin_fen = dice.gamma(2, 4000, customers)
    lost = dice.beta(2, 4, customers)
    kept = np.sort(dice.uniform(0.05, 0.5, offers))[:, None] * dice.uniform(0.4, 1.6, (offers, customers))
    cost_fen = np.sort(dice.uniform(300, 4000, offers))[:, None] * dice.uniform(0.6, 1.4, (offers, customers))
    gain_fen = np.maximum(0, lost * kept * margin_fen - 0.3 * cost_fen) * (dice.random((offers, customers)) > 1 / 3)
    cap_fen = served * customers * cost_fen.mean() / budgets
    return Shop(
        gain_fen=gain_fen.astype(np.int64),
        cost_fen=cost_fen.astype(np.int64),
        budget_of=[row % budgets for row in range(offers)],
        caps_fen=[int(cap_fen)] * budgets,
    )


def plain(given: Shop) -> int:
    """The gain of plain bisection with one budget."""
    gains, costs = given.gain_fen.astype(float), given.cost_fen.astype(float)
    low, high = 0.0, float((gains / np.maximum(costs, 1)).max())
    columns = np.arange(gains.shape[1])
    for _ in range(PASSES):
        middle = (low + high) / 2
        best, served = _at(middle, gains, costs)
        if given.cost_fen[best, columns][served].sum() > given.caps_fen[0]:
            low = middle
        else:
            high = middle
    best, served = _at(high, gains, costs)
    return int(given.gain_fen[best, columns][served].sum())


def _at(price: float, gains: Floats, costs: Floats) -> tuple[Ints, Any]:
    net = gains - price * costs
    best = net.argmax(axis=0)
    return best, net[best, np.arange(net.shape[1])] > 0


def breaches(given: Shop, choice: Places, spent_fen: Ints) -> int:
    have = np.flatnonzero(choice != NOTHING)
    rows = choice[have]
    spent = np.zeros(len(given.caps_fen), np.int64)
    np.add.at(spent, np.array(given.budget_of)[rows], given.cost_fen[rows, have])
    over = int((spent > np.array(given.caps_fen)).sum())
    return over + int((given.gain_fen[rows, have] <= 0).sum()) + int((spent != spent_fen).sum())


def timed(act: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = act()
    return time.perf_counter() - started, result


def measure(given: Shop, repeat: int) -> dict[str, Any]:
    runs = [
        timed(lambda: allocate(given.gain_fen, given.cost_fen, given.budget_of, given.caps_fen)) for _ in range(repeat)
    ]
    found = runs[0][1]
    return {
        "seconds": round(min(seconds for seconds, _ in runs), 4),
        "gap": float(f"{1 - found.gain_fen / found.bound_fen:.3g}"),
        "breaches": breaches(given, found.choice, found.spent_fen),
        "lp_bound": round(found.bound_fen, 1),
    }


def decide(decisions: int, dice: np.random.Generator) -> dict[str, Any]:
    decided = broken = shops = 0
    while decided < decisions:
        customers = min(int(10 ** dice.uniform(0, 5)), decisions - decided)
        given = shop(
            dice, customers, int(dice.integers(1, 9)), int(dice.integers(1, 5)), float(10 ** dice.uniform(-4, 0.3))
        )
        found = allocate(given.gain_fen, given.cost_fen, given.budget_of, given.caps_fen)
        broken += breaches(given, found.choice, found.spent_fen)
        decided, shops = decided + customers, shops + 1
    return {"decisions": decided, "shops": shops, "breaches": broken}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--offers", type=int, default=6)
    parser.add_argument("--decisions", type=int, default=0)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    dice = np.random.default_rng(options.seed)
    with threadpool_limits(limits=1):
        if options.decisions:
            print(json.dumps(decide(options.decisions, dice)))
            return
        given = shop(dice, options.customers, options.offers, 1, 0.1)
        own = measure(given, options.repeat)
        runs = [timed(lambda: plain(given)) for _ in range(options.repeat)]
        several = shop(np.random.default_rng(options.seed), options.customers, options.offers, 3, 0.1)
        peer = {
            "seconds": round(min(seconds for seconds, _ in runs), 4),
            "gap": float(f"{1 - runs[0][1] / own['lp_bound']:.3g}"),
        }
        print(json.dumps({**own, "peer": peer, "several": {"budgets": 3, **measure(several, options.repeat)}}))


if __name__ == "__main__":
    main()
