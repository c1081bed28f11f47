"""The trained score: curves, a category's effects, trees and the sequence of events, blended and calibrated.

The logit is a sum, so every part of it is somebody's: a feature's, the category's, or the events' of one kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from retention.case import Case
from retention.risk import Score
from risk.blend import Blend, sigmoid
from risk.context import Context
from risk.curves import Floats
from risk.explanation import CATEGORY, reasons
from risk.features import names as all_names
from risk.neighbours import PastOrders
from risk.reading import Read
from risk.sequence.reader import SequenceReader
from risk.sequence.traces import PREFIX, Trace, traces
from risk.silent import Silent

AT_ONCE = 2000
"""Orders worked on together; more would only take more memory, 20 MB or so for these."""


@dataclass(frozen=True, kw_only=True, eq=False)
class RiskModel:
    """``centre`` (features + 1,) is the mean share of each feature and of the category, so a contribution of theirs says
    "than usual". Safe to share between threads.
    """

    version: str
    names: tuple[str, ...]
    context: Context
    reader: SequenceReader
    blend: Blend
    silent: Silent
    centre: Floats
    past: PastOrders
    card: Mapping[str, Any]

    @staticmethod
    def load(folder: Path) -> RiskModel:
        """Raises FileNotFoundError when there is none and ModelUnusableError when it cannot serve."""
        from risk.model_file import load

        return load(folder)

    def score(self, case: Case) -> Score:
        return self.score_many([case])[0]

    def score_many(self, cases: Sequence[Case]) -> tuple[Score, ...]:
        """As ``score`` one by one, and faster."""
        return tuple(self._score(each) for some in _batches(cases) for each in self.weigh(Read.of(some)))

    def probabilities(self, cases: Sequence[Case]) -> Floats:
        """As ``score_many``, without reasons and much faster; shape (cases,)."""
        return np.concatenate([np.zeros(0), *(self.probabilities_of(Read.of(some)) for some in _batches(cases))])

    def probabilities_of(self, read: Read) -> Floats:
        """Of orders already read; shape (orders,)."""
        sequence = np.array([each.sum() for each in self.reader.shares(read.sequences)], dtype=np.float64)
        values = self._values(read)
        logits = self.blend.logits(self.context.logits(values, read.categories), sequence)
        logits += self.silent.shares(self.names, values).sum(axis=1)
        return np.array([sigmoid(logit) for logit in logits], dtype=np.float64)

    def contributions(self, case: Case) -> tuple[float, Mapping[str, float]]:
        """The bias, and the contribution of every feature, of the category and of every kind of event that happened;
        together they sum to the logit of the probability.
        """
        (weighed,) = self.weigh(Read.of([case]))
        return weighed.bias, weighed.contributions

    def weigh(self, read: Read) -> Iterator[Weighed]:
        """What each part of the model makes of each order."""
        values = self._values(read)
        own_bias, shares, members = self.context.shares(values, read.categories)
        bias = self.blend.bias + self.blend.context * own_bias + float(self.centre.sum())
        shares = self.blend.context * shares - self.centre
        shares[:, :-1] += self.silent.shares(self.names, values)
        sequences = self.reader.shares(read.sequences)
        spreads = self.blend.spread(members, np.array([each.sum() for each in sequences], dtype=np.float64))
        for row, sequence in enumerate(sequences):
            found = traces(read.sequences[row], self.blend.sequence * sequence, read.moments[row])
            yield Weighed(
                order_no=read.order_nos[row],
                category=read.categories[row],
                values=dict(zip(self.names, values[row].tolist(), strict=True)),
                bias=bias,
                contributions={
                    **dict(zip((*self.names, CATEGORY), shares[row].tolist(), strict=True)),
                    **{name: trace.share for name, trace in found.items()},
                },
                traces=found,
                spread=float(spreads[row]),
            )

    def place(self, weighed: Weighed) -> Floats:
        """Where an order lies among others: its contributions, zero for a kind of event that did not happen."""
        every = (*self.names, CATEGORY, *(PREFIX + kind for kind in self.reader.places))
        return np.array([weighed.contributions.get(name, 0.0) for name in every], dtype=np.float64)

    def _score(self, weighed: Weighed) -> Score:
        return Score(
            probability=sigmoid(weighed.logit),
            interval=(sigmoid(weighed.logit - weighed.spread), sigmoid(weighed.logit + weighed.spread)),
            reasons=reasons(weighed.values, weighed.contributions, category=weighed.category, traces=weighed.traces),
            similar=self.past.nearest(self.place(weighed), but=weighed.order_no),
            model_version=self.version,
        )

    def _values(self, read: Read) -> Floats:
        """Of the features this model learnt: the program may have got more since."""
        if self.names == all_names:
            return read.values
        return read.values[:, [all_names.index(name) for name in self.names]]


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """An order with what each part of the model makes of it. ``spread`` is half its interval, on the logit scale."""

    order_no: str
    category: str
    values: Mapping[str, float]
    bias: float
    contributions: Mapping[str, float]
    traces: Mapping[str, Trace]
    spread: float

    @property
    def logit(self) -> float:
        return self.bias + sum(self.contributions.values())


def _batches(cases: Sequence[Case]) -> Iterator[Sequence[Case]]:
    return (cases[start : start + AT_ONCE] for start in range(0, len(cases), AT_ONCE))
