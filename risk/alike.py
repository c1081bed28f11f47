"""How many rows up to its moment are like a row: a group that orders together shows before anybody knows its outcome.

Alike in everything, then in everything but one field, but two, and so on: each time the field goes whose loss joins the most
rows. Outcomes are not looked at.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BLANK = -9e15
LOOKED_AT = 20_000
"""Rows that say which field goes next."""


def prints(values: Floats, seen: NDArray[np.bool_], *, dropped: int) -> list[Ints]:
    """(n, fields) -> 1 + ``dropped`` arrays (n,): the same number for rows alike in every field left, blanks included.

    ``seen`` rows say which field goes. Two rows that differ share a number once in 2**64.
    """
    dice = np.random.default_rng(0)
    marks = []
    for column in np.nan_to_num(values, nan=BLANK).T:
        distinct, place = np.unique(column, return_inverse=True)
        marks.append(dice.integers(-(2**63), 2**63 - 1, len(distinct))[place])
    looked = np.flatnonzero(seen)
    looked = looked[:: max(1, len(looked) // LOOKED_AT)]
    found: list[Ints] = [np.asarray(sum(marks), dtype=np.int64)]
    left = list(range(len(marks)))
    for _ in range(min(dropped, len(left) - 1)):
        gone = min(left, key=lambda place: len(np.unique((found[-1] - marks[place])[looked])))
        left.remove(gone)
        found.append(found[-1] - marks[gone])
    return found


def alike(same: Ints, days: Floats, reach: float) -> Floats:
    """(n,) logarithm of how many rows have this row's number, itself included, from ``reach`` days before it to its moment.

    Rows of the same moment count whichever comes first in the file; later rows never do.
    """
    _, groups = np.unique(same, return_inverse=True)
    moments = np.unique(days)
    wide = len(moments) + 1
    order = np.lexsort((days, groups))
    line = groups[order] * wide + np.searchsorted(moments, days[order])
    start = groups[order] * wide + np.searchsorted(moments, days[order] - reach)
    count = np.empty(len(days))
    count[order] = np.searchsorted(line, line, side="right") - np.searchsorted(line, start, side="left")
    return np.asarray(np.log(count), dtype=np.float64)
