"""How much of the best possible the engine earns once it has learnt, where what every offer changes is known.

    make bench ARGS="benchmarks/policy.py --conversations 40000"

The shop is synthetic (`twin/response.py`). The engine decides ``--conversations`` of it by sampling, one in twenty held out,
and relearns every thousand; then it is judged on shoppers it never met by the true expected margin of its best choices as a
share of the oracle's, which knows every response and takes whatever caps and facts allow. ``while_sampling`` goes on
drawing as it did, ``prior`` is the engine before it learnt and draws too, ``fixed_coupon`` gives the coupon to all who may
have it, ``greedy_uplift`` knows the truth as well and takes the offer that keeps the most orders. ``coverage_95``: of 500
experiments with a hold-out of 5 %, the share whose interval of the lift holds the true one (``stratified``: by tier).
``dr_relative_error``: the draws learnt, judged from what as many conversations logged while the engine knew only its
catalog, against their true value on those shoppers; the mean of absolute errors over 20 logs. ``pacing``: one day's
tight budget, as a share of the bound that knows the day in advance.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from compensation.allocate import allocate
from compensation.catalog import Row, read_catalog
from compensation.effect import Estimate, EstimateEffect
from compensation.engine import Engine
from compensation.lift import Lift, Stratified
from compensation.off_policy import Logged, evaluate
from compensation.pacing import Pace, learn_curve
from compensation.thompson import NOTHING, Sampler
from compensation.uplift import LearnedEffect, Seen
from compensation.words import CHINA
from retention.case import Case
from retention.offer import Offer
from retention.risk import Score
from twin.response import Scene, scenes

CATALOG = Path(__file__).parent.parent / "compensation" / "catalog.yml"
HOLD_OUT = 0.05
RELEARN = 1000
EXPERIMENTS = 500
ORDERS = 4000
LOGS = 20
DAY_ORDERS = 3000
SERVED = 0.25
DAY = date(2025, 11, 20)

Odds = Mapping[str, float]
Offers = Mapping[str, Offer]


def hopeful(row: Row, case: Case, score: Score) -> Estimate:
    """So that only caps and facts rule an offer out."""
    return Estimate(mean=1e6, deviation=0.0, source="prior")


def learn(engine: Callable[[EstimateEffect], Engine], rows: Sequence[Row], count: int, seed: int) -> LearnedEffect:
    dice = np.random.default_rng(seed)
    effect = LearnedEffect()
    sampler = Sampler(engine=engine(effect), salt="benchmark")
    seen: list[Seen] = []
    for number, scene in enumerate(scenes(seed, count), start=1):
        offer = sampler.decide(scene.case, scene.score)
        given = offer if isinstance(offer, Offer) and dice.random() >= HOLD_OUT else None
        if offer.chances:
            seen.append(
                Seen(
                    offer_id=given.offer_id if given else None,
                    reason=scene.case.reasons[0].value,
                    tier=scene.case.customer.tier,
                    probability=scene.score.probability,
                    margin_fen=scene.case.order.margin_fen,
                    kept=bool(dice.random() < scene.kept(given)),
                )
            )
        if number % RELEARN == 0 or number == count:
            effect.learn(seen, rows)
    return effect


def possible(engine: Engine, scene: Scene) -> Offers:
    return {each.offer_id: each.offer for each in engine.quote(scene.case, scene.score) if each.offer is not None}


def earned(scene: Scene, offers: Offers, odds: Odds) -> float:
    return sum(share * scene.gain_fen(offers.get(offer_id)) for offer_id, share in odds.items())


def coverage(strata: Mapping[str, list[tuple[float, float]]], seed: int) -> tuple[float, float]:
    """Of the plain and of the stratified interval. A stratum's pairs: P(kept) with the choice and with nothing."""
    dice = np.random.default_rng(seed)
    pairs = np.array([pair for own in strata.values() for pair in own])
    tiers = np.repeat(np.arange(len(strata)), [len(own) for own in strata.values()])
    truth = float((pairs[:, 0] - pairs[:, 1]).mean())
    plain = stratified = 0
    for _ in range(EXPERIMENTS):
        drawn = dice.integers(0, len(pairs), ORDERS)
        held = dice.random(ORDERS) < HOLD_OUT
        kept = dice.random(ORDERS) < np.where(held, pairs[drawn, 1], pairs[drawn, 0])
        low, high = _lift(held, kept).interval()
        plain += low <= truth <= high
        groups = [tiers[drawn] == tier for tier in range(len(strata))]
        low, high = Stratified(strata=[_lift(held[group], kept[group]) for group in groups]).interval()
        stratified += low <= truth <= high
    return plain / EXPERIMENTS, stratified / EXPERIMENTS


def _lift(held: Any, kept: Any) -> Lift:
    return Lift(
        treated_n=int((~held).sum()),
        treated_kept=int(kept[~held].sum()),
        held_n=int(held.sum()),
        held_kept=int(kept[held].sum()),
    )


def off_policy(
    met: Sequence[Scene],
    everything: Engine,
    logging: Sampler,
    target: Sampler,
    effect: EstimateEffect,
    rows: Mapping[str, Row],
    seed: int,
) -> dict[str, float]:
    """Mean absolute relative errors of IPS, SNIPS and DR over logs of the same shoppers."""
    frames = []
    for scene in met:
        offers = possible(everything, scene)
        odds = logging.odds(scene.case, scene.score)
        own = target.odds(scene.case, scene.score)
        margin_fen = scene.case.order.margin_fen
        predicted = {NOTHING: (1 - scene.score.probability) * margin_fen}
        for offer_id, offer in offers.items():
            change = effect(rows[offer_id], scene.case, scene.score).mean
            predicted[offer_id] = predicted[NOTHING] + change * margin_fen - offer.cost_fen
        frames.append((scene, offers, odds, own, predicted))
    truth = float(
        np.mean(
            [
                sum(share * _reward(scene, offers.get(action), None) for action, share in own.items())
                for scene, offers, _, own, _ in frames
            ]
        )
    )
    errors: list[tuple[float, float, float]] = []
    dice = np.random.default_rng(seed)
    for _ in range(LOGS):
        log = []
        for scene, offers, odds, own, predicted in frames:
            action = str(dice.choice(list(odds), p=list(odds.values()))) if len(odds) > 1 else next(iter(odds))
            reward = _reward(scene, offers.get(action), dice)
            log.append(Logged(action=action, propensity=odds[action], reward=reward, target=own, predicted=predicted))
        value = evaluate(log)
        errors.append((value.ips.value, value.snips.value, value.dr.value))
    off = np.abs(np.array(errors) / truth - 1).mean(axis=0)
    return dict(zip(("ips", "snips", "dr"), map(float, off), strict=True))


def _reward(scene: Scene, offer: Offer | None, dice: np.random.Generator | None) -> float:
    kept = scene.kept(offer) if dice is None else float(dice.random() < scene.kept(offer))
    return kept * scene.case.order.margin_fen - (offer.cost_fen if offer else 0)


def pacing(engine: Engine, seed: int) -> dict[str, float]:
    """Two like days, busiest in the evening: the first one's price and hours start the second."""
    hours = np.array([1.0] * 8 + [3.0] * 11 + [9.0] * 4 + [3.0])
    yesterday, today = (_day(engine, seed + day, hours / hours.sum()) for day in range(2))
    cap_fen = int(SERVED * sum(max(own, key=lambda each: each[0])[1] for _, own in today if own))
    bound = _known(today, cap_fen)
    start = float(_known(yesterday, cap_fen).prices[0])
    curve = learn_curve(at for at, _ in yesterday)
    usual = Pace(cap_fen=cap_fen, begins=DAY, ends=DAY)
    paces = {
        "first_come": replace(usual, start=0.0),
        "paced": replace(usual, curve=curve, start=start),
        "paced_from_nothing": usual,
    }
    return {name: round(_spend(today, cap_fen, pace) / bound.bound_fen, 4) for name, pace in paces.items()}


def _day(engine: Engine, seed: int, hours: Any) -> list[tuple[Any, list[tuple[int, int]]]]:
    dice = np.random.default_rng(seed)
    found = []
    for scene in scenes(seed, DAY_ORDERS):
        minutes = int(dice.choice(24, p=hours)) * 60 + int(dice.integers(0, 60))
        at = datetime.combine(DAY, time(minutes // 60, minutes % 60), CHINA)
        offers = possible(engine, scene).values()
        found.append((at, [(offer.expected_gain_fen, offer.reserve_fen) for offer in offers]))
    return sorted(found, key=lambda each: each[0])


def _known(day: Sequence[tuple[Any, list[tuple[int, int]]]], cap_fen: int) -> Any:
    most = max(len(own) for _, own in day)
    padded = np.array([own + [(0, 0)] * (most - len(own)) for _, own in day], np.int64)
    return allocate(padded[:, :, 0].T.copy(), padded[:, :, 1].T.copy(), [0] * most, [cap_fen])


def _spend(day: Sequence[tuple[Any, list[tuple[int, int]]]], cap_fen: int, pace: Pace) -> int:
    spent = gained = 0
    for at, own in day:
        price = pace.price(spent, at)
        fitting = [(gain - price * reserve, gain, reserve) for gain, reserve in own if spent + reserve <= cap_fen]
        net, gain, reserve = max(fitting, default=(0.0, 0, 0))
        if net > 0:
            spent, gained = spent + reserve, gained + gain
    return gained


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conversations", type=int, default=40_000)
    parser.add_argument("--judged", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    catalog = read_catalog(CATALOG.read_bytes(), file=str(CATALOG))
    with threadpool_limits(limits=1):
        effect = learn(lambda own: Engine(catalog, effect=own), catalog.rows, options.conversations, options.seed)
        everything, learnt = Engine(catalog, effect=hopeful), Engine(catalog, effect=effect)
        sampler, prior = Sampler(engine=learnt, salt="b"), Sampler(engine=Engine(catalog), salt="b")
        judged = list(scenes(options.seed + 100, options.judged))
        totals: dict[str, float] = {}
        strata: dict[str, list[tuple[float, float]]] = {}
        for scene in judged:
            offers = possible(everything, scene)
            odds = sampler.odds(scene.case, scene.score)
            best = learnt.decide(scene.case, scene.score)
            coupon = next((each for each in offers.values() if each.kind == "coupon"), None)
            earnings = {
                "oracle": max(scene.gain_fen(each) for each in (None, *offers.values())),
                "value_of_oracle": scene.gain_fen(best if isinstance(best, Offer) else None),
                "while_sampling": earned(scene, offers, odds),
                "prior": earned(scene, offers, prior.odds(scene.case, scene.score)),
                "fixed_coupon": scene.gain_fen(coupon),
                "greedy_uplift": scene.gain_fen(max(offers.values(), key=scene.kept, default=None)),
            }
            for name, fen in earnings.items():
                totals[name] = totals.get(name, 0.0) + fen
            if len(odds) > 1:
                kept = sum(share * scene.kept(offers.get(offer_id)) for offer_id, share in odds.items())
                strata.setdefault(scene.case.customer.tier, []).append((kept, scene.kept(None)))
        oracle = totals.pop("oracle")
        plain, stratified = coverage(strata, options.seed)
        met = list(scenes(options.seed + 200, options.conversations))
        errors = off_policy(
            met, everything, prior, sampler, effect, {row.offer_id: row for row in catalog.rows}, options.seed
        )
        print(
            json.dumps(
                {
                    **{name: round(fen / oracle, 4) for name, fen in totals.items()},
                    "no_offer": 0.0,
                    "conversations": options.conversations,
                    "oracle_fen_an_order": round(oracle / len(judged), 1),
                    "coverage_95": plain,
                    "coverage_95_stratified": stratified,
                    **{f"{name}_relative_error": round(error, 5) for name, error in errors.items()},
                    "pacing": pacing(Engine(catalog), options.seed + 300),
                    "synthetic": True,
                }
            )
        )


if __name__ == "__main__":
    main()
