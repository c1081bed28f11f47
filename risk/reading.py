"""Orders as a model takes them: numbers, a category, and a sequence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from retention.case import Case
from retention.order import Order
from risk.evidence import gather
from risk.features import names, values_of
from risk.sequence.tokens import Tokens, tokens

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Read:
    """``values`` are (orders, features) in the order of ``risk.features.names``; ``moments`` are the cases'."""

    order_nos: tuple[str, ...]
    moments: tuple[datetime, ...]
    values: Floats
    categories: tuple[str, ...]
    sequences: tuple[Tokens, ...]

    @staticmethod
    def of(cases: Sequence[Case]) -> Read:
        gathered = [gather(case) for case in cases]
        rows = [values_of(evidence) for evidence in gathered]
        return Read(
            order_nos=tuple(case.order.order_no for case in cases),
            moments=tuple(case.now for case in cases),
            values=np.array(rows, dtype=np.float64).reshape(len(rows), len(names)),
            categories=tuple(category_of(case.order) for case in cases),
            sequences=tuple(tokens(evidence) for evidence in gathered),
        )

    def at(self, rows: NDArray[np.intp]) -> Read:
        """Some of the orders."""
        return Read(
            order_nos=tuple(self.order_nos[row] for row in rows),
            moments=tuple(self.moments[row] for row in rows),
            values=self.values[rows],
            categories=tuple(self.categories[row] for row in rows),
            sequences=tuple(self.sequences[row] for row in rows),
        )


def together(some: Sequence[Read]) -> Read:
    """One after the other."""
    return Read(
        order_nos=tuple(each for read in some for each in read.order_nos),
        moments=tuple(each for read in some for each in read.moments),
        values=np.concatenate([read.values for read in some]) if some else np.zeros((0, len(names))),
        categories=tuple(each for read in some for each in read.categories),
        sequences=tuple(each for read in some for each in read.sequences),
    )


def category_of(order: Order) -> str:
    """That of the goods most was paid for; a path, empty when the shop did not say."""
    dearest = max(order.lines, key=lambda line: line.qty * line.unit_price_fen, default=None)
    return dearest.category if dearest else ""
