"""Whom a treatment changes, learnt from anybody's table of a randomised trial: the engine's regression, over columns.

    make bench ARGS="benchmarks/uplift_table.py --train A.parquet --test B.parquet --treatment T --outcome Y"

Outcome and treatment are 0 or 1. Every other column is a feature: words by word, numbers by their rank and by fifths. What is
regressed is the outcome beyond what the features alone foretell (Robinson; the R-learner), on treatment times features;
how far the coefficients may stray (`compensation/ridge.py`) is chosen by folds of the train part alone. The baseline is
scikit-uplift's class transformation with a logistic regression. ``seeds``: the same for 20 new splits of all rows, of the
same sizes: their means, and the difference with its 95 % interval, over the seeds as they are, and ``corrected`` for the
rows that splits have in common (Nadeau and Bengio 2003).
"""

from __future__ import annotations

import argparse
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from benchmarks.qini import Floats, Ints, qini, uplift_at
from compensation.lift import student
from compensation.ridge import posterior

SEEDS = 20
FIFTHS = np.arange(1, 5) / 5
SPREADS = (0.0003, 0.001, 0.003, 0.01, 0.03)
MEAN_SPREAD = 0.1
FOLDS = 5
ROUNDS = 4
PANDAS_INDEX = re.compile(r"__index_level_\d+__")


@dataclass(frozen=True, kw_only=True)
class Table:
    columns: dict[str, Any]
    treatment: Ints
    outcome: Ints

    def __len__(self) -> int:
        return len(self.outcome)

    def take(self, rows: Ints) -> Table:
        return Table(
            columns={name: values[rows] for name, values in self.columns.items()},
            treatment=self.treatment[rows],
            outcome=self.outcome[rows],
        )


def read(file: Path, treatment: str, outcome: str) -> Table:
    found = duckdb.read_parquet(str(file)).fetchnumpy()
    columns = {
        name: np.ma.filled(values, np.nan) if np.ma.getdata(values).dtype != object else np.ma.getdata(values)
        for name, values in found.items()
        if name not in (treatment, outcome) and not PANDAS_INDEX.fullmatch(name)
    }
    return Table(columns=columns, treatment=found[treatment].astype(np.int64), outcome=found[outcome].astype(np.int64))


def both(first: Table, second: Table) -> Table:
    return Table(
        columns={name: np.concatenate([values, second.columns[name]]) for name, values in first.columns.items()},
        treatment=np.concatenate([first.treatment, second.treatment]),
        outcome=np.concatenate([first.outcome, second.outcome]),
    )


def plain_features(train: Table, other: Table) -> Floats:
    """Words one column a word, numbers as they are: what the baseline is given."""
    found: list[Any] = []
    for name, values in train.columns.items():
        if values.dtype == object:
            found += [(other.columns[name] == word).astype(float) for word in np.unique(values)]
        else:
            found.append(np.nan_to_num(other.columns[name].astype(float)))
    return np.column_stack(found)


def features(train: Table, other: Table) -> Floats:
    """As the train part sees them, of mean 0 and deviation 1 there."""
    seen, asked = _unscaled(train, train), _unscaled(train, other)
    deviations = seen.std(axis=0)
    varied = deviations > 1e-6
    scaled: Floats = (asked[:, varied] - seen[:, varied].mean(axis=0)) / deviations[varied]
    return scaled


def _unscaled(train: Table, other: Table) -> Floats:
    found: list[Any] = []
    for name, values in train.columns.items():
        asked = other.columns[name]
        if values.dtype == object:
            found += [asked == word for word in np.unique(values)]
            continue
        known = np.sort(values.astype(float))
        found.append(np.searchsorted(known, asked, side="right") / len(known))
        if len(np.unique(known)) > 2:
            found += [asked > bound for bound in np.unique(np.quantile(known, FIFTHS))]
    return np.column_stack(found).astype(float)


@dataclass(frozen=True, kw_only=True)
class Sums:
    """Of treatment times features, the mean effect's column first, and of what they should explain."""

    products: Floats
    pull: Floats

    @classmethod
    def of(cls, columns: Floats, treatment: Floats, rest: Floats) -> Sums:
        moved = np.column_stack([np.ones(len(columns)), columns]) * treatment[:, None]
        noise = float((rest**2).mean())
        return cls(products=moved.T @ moved / noise, pull=moved.T @ rest / noise)

    def effect(self, spread: float, columns: Floats) -> Floats:
        spreads = np.full(len(self.pull), spread)
        spreads[0] = MEAN_SPREAD
        shift = posterior(self.products, self.pull, spreads).shift
        found: Floats = shift[0] + columns @ shift[1:]
        return found


def predict(train: Table, test: Table, seed: int) -> Floats:
    columns = features(train, train)
    foretold = LogisticRegression(C=0.1, max_iter=1000).fit(columns, train.outcome).predict_proba(columns)[:, 1]
    treatment, rest = train.treatment - train.treatment.mean(), train.outcome - foretold
    dice = np.random.default_rng(seed)
    scores = np.zeros(len(SPREADS))
    for _ in range(ROUNDS):
        fold = dice.permutation(len(train)) % FOLDS
        for part in range(FOLDS):
            held = fold == part
            sums = Sums.of(columns[~held], treatment[~held], rest[~held])
            scores += [
                qini(train.outcome[held], sums.effect(spread, columns[held]), train.treatment[held])
                for spread in SPREADS
            ]
    chosen = SPREADS[int(scores.argmax())]
    return Sums.of(columns, treatment, rest).effect(chosen, features(train, test))


def baseline(train: Table, test: Table) -> Floats:
    """Class transformation (Jaskowski and Jaroszewicz 2012): is the outcome what a persuadable one's would be?"""
    flipped = (train.outcome == train.treatment).astype(int)
    model = LogisticRegression(max_iter=1000).fit(plain_features(train, train), flipped)
    found: Floats = 2 * model.predict_proba(plain_features(train, test))[:, 1] - 1
    return found


def judge(uplift: Floats, test: Table) -> dict[str, float]:
    return {
        "qini": round(qini(test.outcome, uplift, test.treatment), 4),
        "uplift_at_10": round(uplift_at(0.1, test.outcome, uplift, test.treatment), 4),
        "uplift_at_30": round(uplift_at(0.3, test.outcome, uplift, test.treatment), 4),
    }


def over_seeds(rows: Table, test_rows: int) -> dict[str, Any]:
    pairs = []
    for seed in range(SEEDS):
        order = np.random.default_rng(seed).permutation(len(rows))
        test, train = rows.take(order[:test_rows]), rows.take(order[test_rows:])
        pairs.append(
            [qini(test.outcome, found, test.treatment) for found in (predict(train, test, seed), baseline(train, test))]
        )
    own, peer = np.array(pairs).T
    more = own - peer
    plain = 1 / SEEDS
    return {
        "n": SEEDS,
        "qini": round(float(own.mean()), 4),
        "baseline": round(float(peer.mean()), 4),
        "difference": round(float(more.mean()), 4),
        "interval": _interval(more, plain),
        "corrected": _interval(more, plain + test_rows / (len(rows) - test_rows)),
        "better_in": int((more > 0).sum()),
    }


def _interval(values: Sequence[float] | Floats, share: float) -> list[float]:
    mean = float(np.mean(values))
    reach = student(len(values) - 1, 0.95) * float(np.std(values, ddof=1)) * math.sqrt(share)
    return [round(mean - reach, 4), round(mean + reach, 4)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--test", type=Path, required=True)
    parser.add_argument("--treatment", required=True)
    parser.add_argument("--outcome", required=True)
    options = parser.parse_args()
    train, test = (read(file, options.treatment, options.outcome) for file in (options.train, options.test))
    with threadpool_limits(limits=1):
        own, peer = judge(predict(train, test, 0), test), judge(baseline(train, test), test)
        print(json.dumps({**own, "baseline": peer, "seeds": over_seeds(both(train, test), len(test))}))


if __name__ == "__main__":
    main()
