"""Who will be lost, learnt from anybody's table and judged by rows it has not seen: the product's architecture over columns.

    make bench ARGS="benchmarks/risk_table.py --train A.parquet --test B.parquet --label L [--time C]"

The label is 0 or 1; with ``--time`` no test row may be older than the newest train row. Every other column is a field, whatever
its name; an index that pandas wrote is none. Beside it LightGBM as it comes, in the same run: 100 rounds at 0.1, 31 leaves,
its own handling of categories. ``difference``: ours less LightGBM's, with the 95 % interval of 300 resamplings of the test
rows. Without ``--test`` a part of the train part is the test: the fifth that follows ``--until`` or, without a time, a random
fifth by ``--seed``. Needs the training environment (torch).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from benchmarks.uplift_table import PANDAS_INDEX
from risk.table import Floats, Table, both, sheet
from risk.train_table import FieldsModel, learn

BINS = 10
RESAMPLINGS = 300
DAY = np.timedelta64(1, "D") / np.timedelta64(1, "us")


def read(file: Path, label: str, moment: str | None) -> Table:
    """Raises ValueError, naming the file, where a column is missing or the label is not 0 or 1."""
    found = duckdb.read_parquet(str(file)).fetchnumpy()
    for name in (label, *([moment] if moment else [])):
        if name not in found:
            raise ValueError(f"{file} has no column {name}; it has {', '.join(sorted(found))}")
        if np.ma.getmaskarray(found[name]).any():
            raise ValueError(f"{file}: {name} is blank in some rows; every row needs one")
    lost = np.ma.getdata(found[label]).astype(np.float64)
    if not np.isin(lost, (0, 1)).all() or lost.min() == lost.max():
        raise ValueError(f"{file}: {label} must be 0 and 1 and have both")
    days = None
    if moment:
        times = np.ma.getdata(found[moment])
        if times.dtype.kind == "M":
            days = times.astype("datetime64[us]").astype(np.int64) / DAY
        else:
            raise ValueError(f"{file}: {moment} is not a time; give a column of dates or timestamps")
    return Table(
        columns={
            name: _plain(values)
            for name, values in found.items()
            if name not in (label, moment) and not PANDAS_INDEX.fullmatch(name)
        },
        lost=lost,
        days=days,
    )


def _plain(values: NDArray[Any]) -> NDArray[Any]:
    blank, data = np.ma.getmaskarray(values), np.ma.getdata(values)
    if data.dtype.kind == "M":
        return np.where(blank, np.nan, data.astype("datetime64[us]").astype(np.int64) / DAY)
    if data.dtype == object:
        return np.array([None if gone else str(value) for value, gone in zip(data, blank, strict=True)], dtype=object)
    return np.where(blank, np.nan, data.astype(np.float64)) if blank.any() else data


def baseline(train: Table, test: Table) -> Floats:
    import lightgbm

    whole = both(train, test)
    taught = np.arange(len(whole)) < len(train)
    facts = sheet(whole, taught, codes=False)
    rows = lightgbm.Dataset(
        facts.values[taught], train.lost, categorical_feature=list(facts.categories), params={"verbosity": -1}
    )
    trees = lightgbm.train({"objective": "binary", "verbosity": -1, "num_threads": 1, "seed": 0}, rows, 100)
    return np.asarray(trees.predict(facts.values[~taught]), dtype=np.float64)


def ece(lost: Floats, probabilities: Floats) -> float:
    """Over ten bins of equal width."""
    bins = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    return float(np.abs(np.bincount(bins, lost - probabilities, BINS)).sum() / len(lost))


def judge(lost: Floats, probabilities: Floats) -> dict[str, float]:
    return {
        "auc": round(float(roc_auc_score(lost, probabilities)), 4),
        "brier": round(float(((lost - probabilities) ** 2).mean()), 4),
        "ece": round(ece(lost, probabilities), 4),
    }


def difference(lost: Floats, own: Floats, peer: Floats) -> dict[str, list[float]]:
    """95 % intervals of ours less the peer's, over resampled test rows."""
    dice = np.random.default_rng(0)
    found = []
    for _ in range(RESAMPLINGS):
        rows = dice.integers(0, len(lost), len(lost))
        if 0 < lost[rows].mean() < 1:
            one, other = judge(lost[rows], own[rows]), judge(lost[rows], peer[rows])
            found.append([one[key] - other[key] for key in one])
    bounds = np.quantile(np.array(found), [0.025, 0.975], axis=0)
    return {
        key: [round(float(low), 4), round(float(high), 4)]
        for key, low, high in zip(judge(lost, own), *bounds, strict=True)
    }


def compare(train: Table, test: Table, fields: FieldsModel, seed: int) -> dict[str, Any]:
    start = time.perf_counter()
    learned = learn(
        train, test, fields=fields, seed=seed, progress=lambda stage: print(stage, file=sys.stderr, flush=True)
    )
    seconds = time.perf_counter() - start
    start = time.perf_counter()
    peer = baseline(train, test)
    return {
        **judge(test.lost, learned.probabilities),
        "seconds": round(seconds, 1),
        "lightgbm": {**judge(test.lost, peer), "seconds": round(time.perf_counter() - start, 1)},
        "difference": difference(test.lost, learned.probabilities, peer),
        "alone": {name: judge(test.lost, found) for name, found in learned.alone.items()},
        "chosen": dict(learned.card),
    }


def halves(train: Table, until: float, seed: int) -> tuple[Table, Table]:
    """The rows up to a share of the past and the fifth after it, or a random fifth for a test."""
    if train.days is None:
        order = np.random.default_rng(seed).permutation(len(train))
        return train.take(order[len(train) // 5 :]), train.take(order[: len(train) // 5])
    cut, end = np.quantile(train.days, [until, min(1.0, until + 0.2)])
    return train.take(train.days < cut), train.take((train.days >= cut) & (train.days <= end))


def main() -> None:
    from risk.train_fields import fields_logits  # torch, which tests of the rest do without

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--test", type=Path, help="left out: parts of the train part, by --until")
    parser.add_argument("--label", required=True)
    parser.add_argument("--time")
    parser.add_argument(
        "--until", type=float, default=0.8, help="without --test: where in the train part a test begins"
    )
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    try:
        train = read(options.train, options.label, options.time)
        if options.test is None:
            train, test = halves(train, options.until, options.seed)
        else:
            test = read(options.test, options.label, options.time)
        found: Mapping[str, Any] = compare(train, test, fields_logits, options.seed)
    except (ValueError, OSError, duckdb.Error) as error:
        sys.exit(f"risk_table: {error}")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
