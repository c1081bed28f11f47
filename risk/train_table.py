"""The product's model on any table: boosted trees on the context and a small Transformer, together, judged by time.

Nothing is known of the columns. The past fades at several paces at once, because no table says beforehand how fast its own
fades; how much the Transformer counts beside the trees is found inside the train part, on rows neither was taught.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from risk.alike import Ints, alike, prints
from risk.table import Floats, Sheet, Table, both, sheet

Rows = NDArray[np.bool_]
Progress = Callable[[str], None]
FieldsModel = Callable[[Sheet, Floats, Ints, Floats, int], Floats]
"""(sheet, outcomes (n,), taught rows (k,), their weights (k,), seed) -> logits (n,): see `risk.train_fields.fields_logits`."""

HALF_LIVES = (180.0, 90.0, 45.0)
"""Days in which a row comes to count half: the trees of each are averaged. The Transformer learns by the first."""
NEWEST = 0.2
"""The share of the train part that follows an origin and judges."""
ORIGINS = (0.6, 0.8)
"""Where in the train part a past ends that is judged by what follows it."""
ALIKE_DAYS, DROPPED = 30.0, 5
"""How long a row that is alike counts, and in how many fields it may differ."""
FOLDS, JUDGED = 5, 2
"""Without a time, chance takes the place of the newest rows: so many folds, and of them so many that judge."""
SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)
"""Of the logit that may be the Transformer's. Never more: what one stretch recommends does not hold on every other."""
ROUNDS = 120
TREES: Mapping[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.08,
    "num_leaves": 31,
    "min_data_in_leaf": 20,
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


@dataclass(frozen=True, kw_only=True, eq=False)
class Learned:
    probabilities: Floats
    """(test rows,)"""
    alone: Mapping[str, Floats]
    """The same of each model alone that counts."""
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
    share = _share(whole, facts, taught, fields, seed, progress)
    progress("learning from the whole train part")
    trees = _all_trees(whole, facts, taught, seed)[~taught]
    found, alone = trees, {"trees": expit(trees)}
    if share:
        told = _told(whole, facts, taught, fields, seed)[~taught]
        found, alone = _blended(trees, told, share), {**alone, "transformer": expit(told)}
    return Learned(
        probabilities=expit(found),
        alone=alone,
        card={
            "transformer_share": share,
            "categories": [facts.names[place] for place in facts.categories],
            "half_lives_days": list(HALF_LIVES) if whole.days is not None else None,
        },
    )


def _facts(whole: Table, taught: Rows) -> Sheet:
    """What a row says itself, and how many rows up to its moment are like it."""
    plain = sheet(whole, taught)
    if whole.days is None:
        return plain
    same = prints(plain.values, taught, dropped=DROPPED)
    counts = [alike(same[0], whole.days, 0.0), *(alike(each, whole.days, ALIKE_DAYS) for each in same)]
    return plain.beside(np.column_stack(counts), ["alike_now", *(f"alike_but_{less}" for less in range(len(same)))])


def _trials(whole: Table, taught: Rows, seed: int) -> Iterator[tuple[Rows, Rows]]:
    """Pasts and what they are judged by: the stretch of NEWEST after each origin or, without a time, folds."""
    if whole.days is None:
        fold = np.random.default_rng(seed).integers(0, FOLDS, len(whole))
        for part in range(JUDGED):
            yield taught & (fold != part), taught & (fold == part)
        return
    days = whole.days[taught]
    for origin in ORIGINS:
        cut, end = np.quantile(days, [origin, min(1.0, origin + NEWEST)])
        past, later = taught & (whole.days < cut), taught & (whole.days >= cut) & (whole.days <= end)
        if past.any() and later.any():
            yield past, later


def _share(whole: Table, facts: Sheet, taught: Rows, fields: FieldsModel, seed: int, progress: Progress) -> float:
    """The greatest share of the Transformer that is no worse on any trial than without it, and the best of those on all."""
    losses = []
    for past, later in _trials(whole, taught, seed):
        progress("judging the models on rows they have not seen")
        trees = _all_trees(whole, facts, past, seed)[later]
        told = _told(whole, facts, past, fields, seed)[later]
        losses.append([_loss(_blended(trees, told, share), whole.lost[later]) for share in SHARES])
    table = np.array(losses).reshape(-1, len(SHARES))
    safe = (table <= table[:, :1]).all(axis=0)
    return SHARES[int(np.argmin(np.where(safe, table.mean(axis=0), np.inf)))]


def _blended(trees: Floats, told: Floats, share: float) -> Floats:
    return (1 - share) * trees + share * told


def _loss(logits: Floats, lost: Floats) -> float:
    return float((np.logaddexp(0, logits) - lost * logits).mean())


def _all_trees(whole: Table, facts: Sheet, past: Rows, seed: int) -> Floats:
    """(n,) logits, the mean over the paces at which the past fades."""
    found = [
        _trees(facts, whole.lost, past, _weights(whole, past, life), seed + place)
        for place, life in enumerate(HALF_LIVES)
    ]
    return np.asarray(np.mean(found, axis=0), dtype=np.float64)


def _told(whole: Table, facts: Sheet, past: Rows, fields: FieldsModel, seed: int) -> Floats:
    """(n,) logits of the Transformer."""
    rows = np.flatnonzero(past)
    return fields(facts, whole.lost, rows, _weights(whole, past, HALF_LIVES[0])[rows], seed)


def _trees(facts: Sheet, lost: Floats, past: Rows, weights: Floats, seed: int) -> Floats:
    import lightgbm

    rows = lightgbm.Dataset(
        facts.values[past],
        lost[past],
        weight=weights[past],
        categorical_feature=list(facts.categories),
        params={"verbosity": -1},
    )
    trees = lightgbm.train({**TREES, "seed": seed}, rows, ROUNDS)
    return np.asarray(trees.predict(facts.values, raw_score=True, num_threads=1), dtype=np.float64)


def _weights(whole: Table, past: Rows, half_life: float) -> Floats:
    """(n,) of the rows of a past; without a time they count alike."""
    if whole.days is None:
        return past.astype(np.float64)
    age = whole.days[past].max() - whole.days
    return np.where(past, 0.5 ** (np.maximum(age, 0) / half_life), 0.0)
