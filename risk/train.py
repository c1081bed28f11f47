"""Training of the risk model: learn from the older orders, calibrate on the newest of them, measure on newer ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import expit
from threadpoolctl import threadpool_limits

from retention.case import Case
from risk.blend import Blend
from risk.booster import Growth, grow
from risk.context import Context
from risk.curves import Floats
from risk.features import names
from risk.fit_blend import fit_blend
from risk.fit_context import fit_context, stretches
from risk.history import WAYS, Past, Progress, tabulate
from risk.measure import accuracy
from risk.model import RiskModel
from risk.model_file import save
from risk.neighbours import PastOrders
from risk.prior import BASE, contributions
from risk.sequence.reader import SHIPPED, SequenceReader
from risk.silent import Silent

REFERENCE_ORDERS = 1000
ALONE = Growth(rounds=400, rate=0.05)
"""Trees without anything under them, for comparison."""


def train(
    histories: Iterable[tuple[Case, bool]],
    out: Path,
    *,
    sequence: Path | None = None,
    seed: int = 0,
    progress: Progress = lambda _, __: None,
) -> dict[str, Any]:
    """Fit on the older orders, measure on the newest fifth, write ``out/risk.json`` at once or not at all.

    ``histories`` are cases as they stood at some moment before the order's end, and whether it was lost. ``sequence`` is
    what ``risk.train_sequence`` wrote; it serves when it foretells better than the reader that comes with the program.
    Returns the model's card.
    Raises ValueError when there are too few orders, or none lost, or none kept, and LibraryMissingError where LightGBM
    cannot be loaded, and ModelUnusableError where the sequence model cannot be read.
    """
    readers = [SequenceReader.load(path) for path in (SHIPPED, sequence) if path]
    past = tabulate(histories, lambda words, done: progress(words, 0.6 * done))
    older, newest = past.split()
    progress("正在拟合风险模型", 0.6)
    context, unseen, half_life = fit_context(
        older.rows, WAYS, seed=seed, told=lambda done: progress("正在拟合风险模型", 0.6 + 0.3 * done)
    )
    *_, (_, last) = stretches(len(older.lost))  # the stretch that was foretold, not filled in
    reader, blend = _best_blend(readers, older.at(last), unseen[last])
    progress("正在评估风险模型", 0.95)
    digest = past.digest(reader.graph, str(seed).encode())
    model = _model(f"risk-{digest[:8]}", context, reader, blend, older, seed)
    card = {
        "version": model.version,
        "orders": len(past.lost),
        "lost": int(past.lost.sum()),
        "features": len(names),
        "categories": len(context.members[0].pooling.paths),
        "from": past.first,
        "to": past.last,
        "fitted_to": older.last,
        "from_prior": list(model.silent.usual),
        "seed": seed,
        "data_hash": digest,
        "half_life_days": half_life,
        "blend": {"context": round(blend.context, 4), "sequence": round(blend.sequence, 4)},
        **_measured(model, older, newest, seed),
    }
    save(replace(model, card=card), out)
    progress("风险模型已就绪", 1.0)
    return card


def _best_blend(readers: Sequence[SequenceReader], newest: Past, context: Floats) -> tuple[SequenceReader, Blend]:
    """``context`` are logits of members that have not seen these orders."""
    blended = []
    for reader in readers:
        shares = _sequence_shares(reader, newest)
        blend = fit_blend(context, shares, newest.lost)
        logits = blend.logits(context[np.newaxis], shares)
        blended.append((float((np.logaddexp(0.0, logits) - newest.lost * logits).mean()), reader, blend))
    _, reader, blend = min(blended, key=lambda each: each[0])
    return reader, blend


def _sequence_shares(reader: SequenceReader, past: Past) -> Floats:
    return np.array([each.sum() for each in reader.shares(past.read.sequences)], dtype=np.float64)


def _model(version: str, context: Context, reader: SequenceReader, blend: Blend, older: Past, seed: int) -> RiskModel:
    """Centre every share on its mean and keep a random sample of orders to compare with."""
    with threadpool_limits(limits=1):
        rng = np.random.default_rng(seed)
        kept = np.sort(rng.choice(len(older.lost), size=min(REFERENCE_ORDERS, len(older.lost)), replace=False))
        sample = older.at(kept)
        _, shares, _ = context.shares(sample.read.values, sample.read.categories)
        nobody = PastOrders.of((), (), np.zeros((0, len(names) + 1 + len(reader.places))))
        model = RiskModel(
            version=version,
            names=names,
            context=context,
            reader=reader,
            blend=blend,
            silent=Silent.of(names, older.read.values),
            centre=blend.context * shares.mean(axis=0),
            past=nobody,
            card={},
        )
        places = np.array([model.place(each) for each in model.weigh(sample.read)])
    past = PastOrders.of(sample.read.order_nos, tuple(bool(each) for each in sample.lost), places)
    return replace(model, past=past)


def _measured(model: RiskModel, older: Past, newest: Past, seed: int) -> dict[str, Any]:
    """On orders newer than all the model has seen; on the same orders the points table, trees alone, the model without its
    sequence, and the sequence alone.
    """
    values, lost = newest.read.values, newest.lost
    prior = expit([BASE + sum(contributions(dict(zip(names, row, strict=True))).values()) for row in values])
    context = model.context.logits(values, newest.read.categories).mean(axis=0)
    alone = grow(older.read.values, older.lost, offset=None, directions=WAYS.directions, seed=seed, growth=ALONE)
    sequence = _sequence_shares(model.reader, newest)
    usual = float(np.log(older.lost.mean() / (1 - older.lost.mean())))
    return {
        "test_orders": len(lost),
        "test_lost": int(lost.sum()),
        **accuracy(lost, model.probabilities_of(newest.read)),
        "prior": accuracy(lost, np.asarray(prior)),
        "lightgbm": accuracy(lost, expit(alone.logits(values))),
        "context": accuracy(lost, expit(context)),
        "sequence": {**accuracy(lost, expit(usual + sequence)), "learnt_from": dict(model.reader.card)},
    }
