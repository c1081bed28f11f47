"""The product's model on any table: boosted trees on the context and a small Transformer, mixed, calibrated, judged by time.

Nothing is known of the columns. What the table's past recommends is found inside the train part, on its newest rows: how
fast the past fades, whether pooled rates of categories help, how much each model counts and how sure their sum may be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from risk.alike import Ints, alike, prints
from risk.mixture import Mixture, mixture
from risk.rates import Past, pooled
from risk.table import Floats, Sheet, Table, both, sheet

Rows = NDArray[np.bool_]
Progress = Callable[[str], None]
FieldsModel = Callable[[Sheet, Floats, Ints, Floats, int], Floats]
"""(sheet, outcomes (n,), taught rows (k,), their weights (k,), seed) -> logits (n,): see `risk.train_fields.fields_logits`."""

HALF_LIVES = (None, 360.0, 180.0, 90.0, 45.0)
"""Days in which a row comes to count half."""
NEWEST = 0.2
"""The share of the train part that judges choices; rates are told in stretches of as much, as a test would be."""
ORIGINS = (0.6, 0.8)
"""Where in the train part a past ends that is judged by what follows it."""
ALIKE_DAYS, DROPPED = 30.0, 5
"""How long a row that is alike counts, and in how many fields it may differ."""
FOLDS, JUDGED = 5, 3
"""Without a time, chance takes the place of the newest rows: so many folds, and of them so many that judge."""
SEEDS = 4
TRIAL_ROUNDS, ROUNDS, RATE = 60, 200, 0.08
TREES: Mapping[str, Any] = {
    "objective": "binary",
    "num_leaves": 31,
    "min_data_in_leaf": 60,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "cat_smooth": 30.0,
    "cat_l2": 30.0,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,  # beside other work, two threads wait for each other longer than they gain
    "verbosity": -1,
}


@dataclass(frozen=True, kw_only=True)
class Choice:
    half_life: float | None
    rates: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class Learned:
    probabilities: Floats
    """(test rows,)"""
    alone: Mapping[str, Floats]
    """The same of each model alone, uncalibrated."""
    card: Mapping[str, Any]


def learn(
    train: Table, test: Table, *, fields: FieldsModel, seed: int = 0, progress: Progress = lambda stage: None
) -> Learned:
    """What became of the test rows, whose outcomes are not looked at. Raises ValueError where the tables do not match."""
    whole = both(train, replace(test, lost=np.zeros(len(test))))
    if whole.days is not None and (test.days is None or train.days is None or test.days.min() < train.days.max()):
        raise ValueError("test rows are older than the newest train row; a table with a time is split by it")
    taught = np.arange(len(whole)) < len(train)
    facts = _facts(whole, taught)
    choice = _choose(whole, facts, taught, seed, progress)
    judged: list[Floats] = []
    outcomes: list[Floats] = []
    for past, later in _trials(whole, taught, ORIGINS[-1:], seed):
        progress("judging the models on rows they have not seen")
        judged.append(_both_models(whole, facts, past, choice, fields, seed, seeds=1)[:, later])
        outcomes.append(whole.lost[later])
    mixed = mixture(np.column_stack(judged), np.concatenate(outcomes))
    progress("learning from the whole train part")
    logits = _both_models(whole, facts, taught, choice, fields, seed, seeds=SEEDS)[:, ~taught]
    return Learned(
        probabilities=mixed.probabilities(logits),
        alone={"trees": expit(logits[0]), "transformer": expit(logits[1])},
        card=_card(choice, mixed, facts),
    )


def _card(choice: Choice, mixed: Mixture, facts: Sheet) -> dict[str, Any]:
    return {
        "half_life_days": choice.half_life,
        "rates": choice.rates,
        "categories": [facts.names[place] for place in facts.categories],
        "mixture": {
            "bias": round(mixed.bias, 3),
            "trees": round(mixed.shares[0], 3),
            "transformer": round(mixed.shares[1], 3),
        },
    }


def _facts(whole: Table, taught: Rows) -> Sheet:
    """What a row says itself, and how many rows up to its moment are the same in everything."""
    plain = sheet(whole, taught)
    if whole.days is None:
        return plain
    same = prints(plain.values, taught, dropped=DROPPED)
    counts = [alike(same[0], whole.days, 0.0), *(alike(each, whole.days, ALIKE_DAYS) for each in same)]
    return plain.beside(np.column_stack(counts), ["alike_now", *(f"alike_but_{less}" for less in range(len(same)))])


def _trials(whole: Table, taught: Rows, origins: Sequence[float], seed: int) -> Iterator[tuple[Rows, Rows]]:
    """Pasts and what they are judged by: the stretch of NEWEST after each origin or, without a time, folds."""
    if whole.days is None:
        fold = np.random.default_rng(seed).integers(0, FOLDS, len(whole))
        for part in range(JUDGED):
            yield taught & (fold != part), taught & (fold == part)
        return
    days = whole.days[taught]
    for origin in origins:
        cut, end = np.quantile(days, [origin, min(1.0, origin + NEWEST)])
        past, later = taught & (whole.days < cut), taught & (whole.days >= cut) & (whole.days <= end)
        if past.any() and later.any():
            yield past, later


def _choose(whole: Table, facts: Sheet, taught: Rows, seed: int, progress: Progress) -> Choice:
    """First how fast the past fades, then whether rates help: each by the mean log loss of what follows."""
    lives = HALF_LIVES if whole.days is not None else (None,)
    losses: dict[Choice, float] = {}

    def best(options: Sequence[Choice]) -> Choice:
        for option in options:
            if option not in losses:
                progress(f"trying {option}")
                losses[option] = _loss(whole, facts, taught, option, seed)
        return min(options, key=losses.__getitem__)

    plain = best([Choice(half_life=each, rates=False) for each in lives])
    return best([plain, replace(plain, rates=True)])


def _loss(whole: Table, facts: Sheet, taught: Rows, choice: Choice, seed: int) -> float:
    losses = []
    for past, later in _trials(whole, taught, ORIGINS, seed):
        found = _trees(_told(whole, facts, past, choice), whole, past, choice, seed, TRIAL_ROUNDS)[later]
        losses.append(float((np.logaddexp(0, found) - whole.lost[later] * found).mean()))
    return float(np.mean(losses))


def _both_models(
    whole: Table, facts: Sheet, past: Rows, choice: Choice, fields: FieldsModel, seed: int, *, seeds: int
) -> Floats:
    """(2, n) logits: trees, Transformer."""
    told = _told(whole, facts, past, choice)
    trees = [_trees(told, whole, past, choice, seed + each, ROUNDS) for each in range(seeds)]
    rows = np.flatnonzero(past)
    told_by_fields = fields(facts, whole.lost, rows, _weights(whole, past, choice)[rows], seed)
    return np.vstack([np.mean(trees, axis=0), told_by_fields])


def _trees(told: Sheet, whole: Table, past: Rows, choice: Choice, seed: int, rounds: int) -> Floats:
    import lightgbm

    # a shorter trial learns faster, so that both come equally far
    rate = RATE * ROUNDS / rounds if rounds < ROUNDS else RATE
    rows = lightgbm.Dataset(
        told.values[past],
        whole.lost[past],
        weight=_weights(whole, past, choice)[past],
        categorical_feature=list(told.categories),
        params={"verbosity": -1},
    )
    trees = lightgbm.train({**TREES, "learning_rate": rate, "seed": seed}, rows, rounds)
    return np.asarray(trees.predict(told.values, raw_score=True, num_threads=1), dtype=np.float64)


def _weights(whole: Table, past: Rows, choice: Choice) -> Floats:
    if whole.days is None or choice.half_life is None:
        return past.astype(np.float64)
    age = whole.days[past].max() - whole.days
    return np.where(past, 0.5 ** (np.maximum(age, 0) / choice.half_life), 0.0)


def _told(whole: Table, facts: Sheet, past: Rows, choice: Choice) -> Sheet:
    if not choice.rates or not facts.categories:
        return facts
    columns = {
        facts.names[place]: np.nan_to_num(facts.values[:, place] + 1).astype(np.int64) for place in facts.categories
    }
    wide = sorted(columns, key=lambda name: -int(columns[name].max()))
    paths: dict[str, list[Ints]] = {name: [codes] for name, codes in columns.items()}
    for parent, child in pairwise(wide[:4]):
        pair = columns[parent] * (int(columns[child].max()) + 1) + columns[child]
        paths[f"{parent} {child}"] = [columns[parent], np.unique(pair, return_inverse=True)[1].reshape(-1)]
    rates = [_rate(path, whole, past, choice) for path in paths.values()]
    return facts.beside(np.column_stack(rates), [f"rate {name}" for name in paths])


def _rate(path: Sequence[Ints], whole: Table, past: Rows, choice: Choice) -> Floats:
    """By time: what was known at the start of a row's stretch. Without: what the other folds say, the test hears all."""
    if whole.days is not None:
        known = Past(days=whole.days, lost=whole.lost, known=past, half_life=choice.half_life)
        days = whole.days[past]
        stretches = np.arange(NEWEST, 1, NEWEST)
        moments = [*np.quantile(days, stretches), float(np.nextafter(days.max(), np.inf))]
        return pooled(path, known, moments)
    turn = np.random.default_rng(len(whole)).integers(0, FOLDS, len(whole))
    found = np.zeros(len(whole))
    for part in [*range(FOLDS), None]:
        own = ~past if part is None else past & (turn == part)
        ahead = np.where(own, 1.0, 0.0)
        found[own] = pooled(path, Past(days=ahead, lost=whole.lost, known=past & ~own), [1.0])[own]
    return found
