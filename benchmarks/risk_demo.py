"""How well the risk model reads the synthetic shop, where the true probability of every loss is known.

    make bench ARGS="benchmarks/risk_demo.py"

All figures are on the newest fifth of the settled orders, which the model has not seen. ``truth`` scores with the
probabilities the outcomes were drawn with: nothing can do better but by luck. ``one_rule`` knows only whether the shopper
asked to leave; ``prior`` is the points table that serves without a model; ``quiet`` are the orders nobody talked about.
The data is synthetic: the figures tell whether the model finds what was planted, not how it would fare in a real shop.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from risk.curves import Floats
from risk.features import vector
from risk.model import RiskModel
from risk.prior import RulePrior
from risk.train import TEST_SHARE, accuracy, train
from twin.history import case, cases, settled
from twin.past_order import PastOrder
from twin.world import History, generate

NOW = datetime(2025, 11, 20, 4, tzinfo=timezone.utc)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    started = time.perf_counter()
    history = generate(options.seed, customers=max(1, options.orders // 4), orders=options.orders, now=NOW)
    drawn = time.perf_counter()
    with TemporaryDirectory() as folder:
        train(cases(history), Path(folder))
        model = RiskModel.load(Path(folder))
    trained = time.perf_counter()
    past = sorted(settled(history), key=lambda each: (each.moment, each.order.order_no))
    split = round(len(past) * (1 - TEST_SHARE))
    scored = _figures(history, model, past[:split], past[split:])
    print(json.dumps({**scored, "generate_s": round(drawn - started, 2), "train_s": round(trained - drawn, 2)}))


def _figures(
    history: History, model: RiskModel, older: Sequence[PastOrder], newest: Sequence[PastOrder]
) -> dict[str, object]:
    known = [case(history, each) for each in newest]
    lost = np.array([float(each.lost) for each in newest])
    true = np.array([each.true_probability for each in newest])
    started = time.perf_counter()
    scored = np.array([model.score(each).probability for each in known])
    score_ms = (time.perf_counter() - started) / len(known) * 1000
    quiet = np.array([not each.hearings for each in newest])
    base_rate = sum(each.lost for each in older) / len(older)
    return {
        "synthetic": True,
        "n": len(lost),
        "lost_share": round(float(lost.mean()), 4),
        **accuracy(lost, scored),
        "error_against_truth": round(float(np.abs(scored - true).mean()), 4),
        "score_ms": round(score_ms, 3),
        "truth": accuracy(lost, true),
        "baselines": {
            "constant": accuracy(lost, np.full(len(lost), base_rate)),
            "one_rule": accuracy(lost, _one_rule(history, older, newest)),
            "prior": accuracy(lost, np.array([RulePrior().score(each).probability for each in known])),
        },
        "quiet": {
            "n": int(quiet.sum()),
            **accuracy(lost[quiet], scored[quiet]),
            "truth": accuracy(lost[quiet], true[quiet]),
        },
    }


def _one_rule(history: History, older: Sequence[PastOrder], newest: Sequence[PastOrder]) -> Floats:
    """The share lost among older orders that asked to leave, or did not."""
    asked = [vector(case(history, each))["asked_to_leave"] > 0 for each in older]
    shares = {
        said: sum(each.lost for each, flag in zip(older, asked, strict=True) if flag is said)
        / max(1, asked.count(said))
        for said in (True, False)
    }
    return np.array([shares[vector(case(history, each))["asked_to_leave"] > 0] for each in newest])


if __name__ == "__main__":
    main()
