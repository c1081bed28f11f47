"""How well the risk model reads the synthetic shop, where the true probability of every loss is known.

    make bench ARGS="benchmarks/risk_demo.py"
    make bench ARGS="benchmarks/risk_demo.py --orders 60000"
    make bench ARGS="benchmarks/risk_demo.py --orders 60000 --wide"

All figures are on the newest fifth of the settled orders, which the model has not seen; the sequence reader it comes with was
learnt on other draws of the same shop (``--sequence FILE`` takes another one). ``truth`` scores with the probabilities the
outcomes were drawn with: nothing can do better but by luck. ``features`` is the model without its sequence, ``lightgbm``
trees alone on the same features, ``prior`` the points table, ``one_rule`` knows only whether the shopper asked to leave;
``quiet`` are the orders nobody talked about.

``planted``: orders that carry a story whose danger lies in the order of its steps alone. ``gap`` is the mean difference of
the logits of dangerous and harmless ones, ``told_apart`` the AUC of telling one from the other.
``causes``: of orders in danger, how many score lower when what the strongest reason names had not happened.
``interval``: how often the true probability lies inside, and the median width. ``--wide``: 540 categories;
``categories`` is then the correlation of the effects found with those planted (level, lean on price, lean on logistics), by
how many orders of a category had been seen.
The data is synthetic: the figures tell whether the model finds what was planted, not how it would fare in a real shop.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from scipy.special import expit, logit

from benchmarks.risk_causes import without
from retention.case import Case
from risk.curves import Floats
from risk.features import vector
from risk.history import TEST_SHARE
from risk.measure import accuracy
from risk.model import RiskModel
from risk.prior import RulePrior
from risk.reading import Read, category_of
from risk.train import train
from twin.assortment import WIDE
from twin.categories import effect
from twin.goods import GOODS
from twin.history import case, cases, settled
from twin.past_order import PastOrder
from twin.sequence import Plot
from twin.world import History, generate

NOW = datetime(2025, 11, 20, 4, tzinfo=timezone.utc)
DANGEROUS = {Plot.BACK_AND_FORTH: Plot.THERE_AND_BACK, Plot.ASKED_AFTER_ANSWER: Plot.ASKED_BEFORE_ANSWER}
IN_DANGER = 0.3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--sequence", type=Path)
    parser.add_argument("--wide", action="store_true")
    options = parser.parse_args()
    started = time.perf_counter()
    goods = WIDE if options.wide else GOODS
    history = generate(options.seed, customers=max(1, options.orders // 4), orders=options.orders, now=NOW, goods=goods)
    drawn = time.perf_counter()
    with TemporaryDirectory() as folder:
        train(cases(history), Path(folder), sequence=options.sequence)
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
    scores = model.score_many(known)
    scored = np.array([score.probability for score in scores])
    read = Read.of(known)
    features = expit(model.context.logits(read.values, read.categories).mean(axis=0))
    quiet = np.array([not each.hearings for each in newest])
    base_rate = sum(each.lost for each in older) / len(older)
    return {
        "synthetic": True,
        "n": len(lost),
        "lost_share": round(float(lost.mean()), 4),
        **accuracy(lost, scored),
        "error_against_truth": round(float(np.abs(scored - true).mean()), 4),
        "truth": accuracy(lost, true),
        "baselines": {
            "features": accuracy(lost, features),
            "lightgbm": model.card["lightgbm"],
            "constant": accuracy(lost, np.full(len(lost), base_rate)),
            "one_rule": accuracy(lost, _one_rule(history, older, newest)),
            "prior": accuracy(lost, RulePrior().probabilities(known)),
        },
        "quiet": {
            "n": int(quiet.sum()),
            **accuracy(lost[quiet], scored[quiet]),
            "truth": accuracy(lost[quiet], true[quiet]),
        },
        "planted": _planted(newest, {"truth": true, "hybrid": scored, "features": features}),
        "causes": _causes(model, known, scored),
        "interval": _intervals(true, [score.interval or (0.0, 1.0) for score in scores]),
        "categories": _categories(model, history, older, known),
        "half_life_days": model.card["half_life_days"],
        "blend": model.card["blend"],
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


def _planted(newest: Sequence[PastOrder], scored: dict[str, Floats]) -> dict[str, object]:
    plots = np.array([each.plot.value if each.plot else "" for each in newest])
    found: dict[str, object] = {}
    for dangerous, harmless in DANGEROUS.items():
        ill, well = plots == dangerous.value, plots == harmless.value
        either = ill | well
        found[dangerous.value] = {
            "n": int(either.sum()),
            **{
                name: {
                    "gap": round(float(logit(of[ill]).mean() - logit(of[well]).mean()), 3),
                    "told_apart": accuracy(ill[either].astype(float), of[either])["auc"],
                }
                for name, of in scored.items()
            },
        }
    return found


def _causes(model: RiskModel, known: Sequence[Case], scored: Floats) -> dict[str, object]:
    """The strongest reason whose cause can be thought away: nobody can undo that goods are dear."""
    changed, before, named = [], [], Counter[str]()
    for each, probability in zip(known, scored, strict=True):
        if probability < IN_DANGER:
            continue
        for reason in model.score(each).reasons:
            healed = without(each, reason.node) if reason.contribution > 0 else None
            if healed is not None:
                changed.append(healed)
                before.append(probability)
                named[reason.node] += 1
                break
    lower = model.probabilities(changed) < np.array(before)
    return {
        "in_danger": int((scored >= IN_DANGER).sum()),
        "removable": len(changed),
        "lower": round(float(lower.mean()), 4),
        "nodes": len(named),
    }


def _intervals(true: Floats, intervals: Sequence[tuple[float, float]]) -> dict[str, float]:
    low, high = np.array(intervals).T
    return {
        "nominal": 0.9,
        "holds_truth": round(float(((low <= true) & (true <= high)).mean()), 4),
        "median_width": round(float(np.median(high - low)), 4),
    }


def _categories(
    model: RiskModel, history: History, older: Sequence[PastOrder], known: Sequence[Case]
) -> dict[str, object]:
    seen = Counter(category_of(each.then) for each in older)
    categories = sorted({category_of(each.order) for each in known})
    if not any("/" in each for each in categories):
        return {}
    found = np.mean([member.pooling.of(categories) for member in model.context.members], axis=0)
    true = [effect(each) for each in categories]
    planted = np.array([(each.base, each.price, each.logistics) for each in true])
    counts = np.array([seen[each] for each in categories])
    bands = {"under_20": counts < 20, "20_to_100": (counts >= 20) & (counts < 100), "from_100": counts >= 100}
    return {
        "categories": len(categories),
        **{
            name: {
                "n": int(band.sum()),
                **{
                    part: round(float(np.corrcoef(found[band, place], planted[band, place])[0, 1]), 3)
                    for place, part in enumerate(("level", "price", "logistics"))
                },
            }
            for name, band in bands.items()
            if band.sum() > 2
        },
    }


if __name__ == "__main__":
    main()
