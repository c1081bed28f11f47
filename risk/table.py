"""Anybody's table as a model reads it: numbers, categories, and how many rows are alike; no column is known by its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CODES_FROM = 100
"""A column of whole numbers with so many distinct values, many gaps between them and blanks is a code, not a quantity."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Table:
    """``columns`` are n values each: text with None for a blank, or numbers with NaN. ``days``: when, if rows have a time."""

    columns: Mapping[str, NDArray[Any]]
    lost: Floats
    days: Floats | None

    def __len__(self) -> int:
        return len(self.lost)

    def take(self, rows: NDArray[Any]) -> Table:
        return Table(
            columns={name: values[rows] for name, values in self.columns.items()},
            lost=self.lost[rows],
            days=None if self.days is None else self.days[rows],
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Sheet:
    """Every row as numbers (n, fields); a category is a code from 0, NaN where it is unknown to the train part or blank."""

    values: Floats
    names: Sequence[str]
    categories: Sequence[int]

    def beside(self, more: Floats, names: Sequence[str]) -> Sheet:
        values = np.column_stack([self.values, more])
        return Sheet(values=values, names=[*self.names, *names], categories=self.categories)


def both(first: Table, second: Table) -> Table:
    """One after the other. Raises ValueError where they differ in columns."""
    if first.columns.keys() != second.columns.keys():
        odd = sorted(first.columns.keys() ^ second.columns.keys())
        raise ValueError(f"columns in one of the two tables only: {', '.join(odd)}; give both the same columns")
    if (first.days is None) != (second.days is None):
        raise ValueError("one of the two tables has a time and the other has none")
    return Table(
        columns={name: np.concatenate([values, second.columns[name]]) for name, values in first.columns.items()},
        lost=np.concatenate([first.lost, second.lost]),
        days=None if first.days is None or second.days is None else np.concatenate([first.days, second.days]),
    )


def is_code(values: NDArray[Any]) -> bool:
    """Text, or whole numbers that name things: many of them, and blank where there is nothing to name."""
    if values.dtype == object:
        return True
    if values.dtype == bool:
        return False
    there = values[~np.isnan(values.astype(np.float64))]
    distinct = np.unique(there)
    whole = bool(np.all(distinct == np.round(distinct)))
    return whole and len(there) < len(values) and len(distinct) >= CODES_FROM


def sheet(table: Table, seen: NDArray[np.bool_], *, codes: bool = True) -> Sheet:
    """``seen`` rows decide what is a category and which there are; outcomes are not looked at.

    Without ``codes`` text alone is a category, and numbers are taken for quantities.
    """
    values, categories = np.empty((len(table), len(table.columns))), []
    for place, column in enumerate(table.columns.values()):
        if column.dtype == object or (codes and is_code(column[seen])):
            categories.append(place)
            values[:, place] = _codes(column, seen)
        else:
            values[:, place] = column.astype(np.float64)
    return Sheet(values=values, names=list(table.columns), categories=categories)


def _codes(column: NDArray[Any], seen: NDArray[np.bool_]) -> Floats:
    words = np.array(["" if value is None or value != value else str(value) for value in column])
    known = np.unique(words[seen])
    place = np.clip(np.searchsorted(known, words), 0, len(known) - 1)
    return np.where(known[place] == words, place, np.nan).astype(np.float64)
