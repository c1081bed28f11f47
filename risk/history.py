"""Past orders to learn from, oldest first."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from retention.case import Case
from risk.curves import Floats
from risk.feature import Dimension
from risk.features import FEATURES, names
from risk.fit_context import Rows, Ways
from risk.reading import Read, together

TEST_SHARE = 0.2
FEWEST = 200
_AT_ONCE = 2000

Progress = Callable[[str, float], None]
"""Chinese words and a share done."""

WAYS = Ways(
    directions=tuple(each.direction.value for each in FEATURES.values()),
    drivers=tuple(
        tuple(place for place, each in enumerate(FEATURES.values()) if each.dimension is dimension)
        for dimension in (Dimension.PRICE_MOVES, Dimension.LOGISTICS)
    ),
)
"""Every feature's direction; a category may lean on price and on logistics more or less than the shop does."""


@dataclass(frozen=True, kw_only=True)
class Past:
    """Orders as they stood at a moment, the oldest moment first, and whether each was lost, (orders,)."""

    read: Read
    lost: Floats

    @property
    def first(self) -> str:
        return self.read.moments[0].isoformat()

    @property
    def last(self) -> str:
        return self.read.moments[-1].isoformat()

    @property
    def rows(self) -> Rows:
        newest = self.read.moments[-1]
        ages = [(newest - moment).total_seconds() / 86_400 for moment in self.read.moments]
        return Rows(values=self.read.values, categories=self.read.categories, lost=self.lost, ages=np.array(ages))

    def at(self, rows: NDArray[np.intp]) -> Past:
        return Past(read=self.read.at(rows), lost=self.lost[rows])

    def split(self) -> tuple[Past, Past]:
        """The older to learn from, and the newest fifth to measure by."""
        rows = np.arange(len(self.lost))
        first_of_newest = round(len(rows) * (1 - TEST_SHARE))
        return self.at(rows[:first_of_newest]), self.at(rows[first_of_newest:])

    def digest(self, *more: bytes) -> str:
        """Of everything a model could learn from."""
        total = hashlib.sha256("\n".join((*names, *self.read.categories)).encode())
        for part in (self.read.values.tobytes(), self.lost.tobytes(), *more):
            total.update(part)
        for each in self.read.sequences:
            total.update("\n".join(each.kinds).encode())
            total.update(each.numbers.tobytes())
        return total.hexdigest()


def tabulate(histories: Iterable[tuple[Case, bool]], progress: Progress) -> Past:
    """Raises ValueError when there are too few orders, or none lost, or none kept."""
    some: list[Read] = []
    ends: list[bool] = []
    for batch in _batches(histories):
        some.append(Read.of([case for case, _ in batch]))
        ends += [bool(lost) for _, lost in batch]
        if len(batch) == _AT_ONCE:
            progress(f"已读取 {len(ends)} 个历史订单", 1 - 1 / (1 + len(ends) / 20_000))
    if len(ends) < FEWEST or not 0 < sum(ends) < len(ends):
        raise ValueError(
            f"a risk model needs at least {FEWEST} past orders, some lost and some kept;"
            f" got {len(ends)} of which {sum(ends)} lost"
        )
    every = Past(read=together(some), lost=np.array(ends, dtype=np.float64))
    oldest_first = sorted(range(len(ends)), key=lambda row: (every.read.moments[row], every.read.order_nos[row]))
    return every.at(np.array(oldest_first, dtype=np.intp))


def _batches(histories: Iterable[tuple[Case, bool]]) -> Iterator[list[tuple[Case, bool]]]:
    """Orders are read as they come: a history of millions of events need not lie in memory."""
    coming = iter(histories)
    while batch := list(islice(coming, _AT_ONCE)):
        yield batch
