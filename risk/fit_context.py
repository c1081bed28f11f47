"""Fits the members of a context model, and says what each makes of the stretch of the past it has not seen."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from risk.booster import Growth, grow
from risk.context import Context, Member
from risk.curves import Floats, Ramps, ramps_through
from risk.fit_curves import fit_curves
from risk.fit_pooling import fit_pooling

MEMBERS = 5
GROWTH = Growth()
HALF_LIVES: tuple[float | None, ...] = (None, 180.0, 60.0)
"""Days after which an order counts half. Shops change: which of these foretells the newest stretch best is measured."""


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Orders as numbers, oldest first: ``values`` (n, features), ``categories`` (n,), ``lost`` (n,), ``ages`` (n,) in days
    before the newest.
    """

    values: Floats
    categories: tuple[str, ...]
    lost: Floats
    ages: Floats

    def at(self, rows: NDArray[np.intp]) -> Rows:
        return replace(
            self,
            values=self.values[rows],
            categories=tuple(self.categories[row] for row in rows),
            lost=self.lost[rows],
            ages=self.ages[rows],
        )


@dataclass(frozen=True, kw_only=True)
class Ways:
    """``directions`` (features,) of 1, -1 or 0; ``drivers`` are the groups of columns a category may lean on."""

    directions: tuple[int, ...]
    drivers: tuple[tuple[int, ...], ...]


def fit_context(
    rows: Rows, ways: Ways, *, seed: int, growth: Growth = GROWTH, told: Callable[[float], None] = lambda _: None
) -> tuple[Context, Floats, float | None]:
    """The model; for every order the logit of the member that has not seen it, (n,); and the half-life of the past in days.

    Stretches are of the order of time, so the newest is judged by a member that only knows what came before. ``told`` gets
    the share done. Raises LibraryMissingError where trees cannot be grown.
    """
    ramps = ramps_through(rows.values)
    members: list[Member] = []
    unseen = np.zeros(len(rows.lost))
    steps = len(HALF_LIVES) + MEMBERS - 1
    fit = _Fit(ramps=ramps, rows=rows, ways=ways, growth=growth)
    every = list(stretches(len(rows.lost)))
    # One thread: the sums come out the same everywhere, and threads that wait for a busy core are far slower.
    with threadpool_limits(limits=1):
        newest = {}
        for number, half_life in enumerate(HALF_LIVES, start=1):
            newest[half_life] = fit.member(every[-1], half_life=half_life, seed=seed + MEMBERS - 1)
            told(number / steps)
        half_life = _best_half_life({each: logits for each, (_, logits) in newest.items()}, rows.lost[every[-1][1]])
        for number, stretch in enumerate(every):
            last = number == MEMBERS - 1
            fitted = newest[half_life] if last else fit.member(stretch, half_life=half_life, seed=seed + number)
            members.append(fitted[0])
            unseen[stretch[1]] = fitted[1]
            told(min(1.0, (len(HALF_LIVES) + number + 1) / steps))
    return Context(ramps=ramps, features=rows.values.shape[1], members=tuple(members)), unseen, half_life


def stretches(orders: int) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """(the rest, a stretch), from the oldest stretch to the newest."""
    everything = np.arange(orders)
    for stretch in np.array_split(everything, MEMBERS):
        yield np.delete(everything, stretch), stretch


def _best_half_life(logits: Mapping[float | None, Floats], lost: Floats) -> float | None:
    """The one under which the past foretold the newest stretch best; forgetting must be better by more than chance."""
    losses = {each: np.logaddexp(0.0, of) - lost * of for each, of in logits.items()}
    best = None
    for half_life in losses:
        gain = losses[best] - losses[half_life]
        if gain.mean() > gain.std() / math.sqrt(len(gain)):
            best = half_life
    return best


@dataclass(frozen=True, kw_only=True)
class _Fit:
    ramps: Ramps
    rows: Rows
    ways: Ways
    growth: Growth

    def member(
        self, stretch: tuple[NDArray[np.intp], NDArray[np.intp]], *, half_life: float | None, seed: int
    ) -> tuple[Member, Floats]:
        """One learnt from the rest, and what it says of the stretch."""
        rest, left_out = self.rows.at(stretch[0]), self.rows.at(stretch[1])
        member = self._member(rest, None if half_life is None else 0.5 ** (rest.ages / half_life), seed)
        alone = self._alone(member)
        return member, alone.logits(left_out.values, left_out.categories)[0]

    def _alone(self, *members: Member) -> Context:
        return Context(ramps=self.ramps, features=self.rows.values.shape[1], members=members)

    def _member(self, rows: Rows, weights: Floats | None, seed: int) -> Member:
        directions = self.ways.directions
        line, bias = fit_curves(self.ramps, rows.values, rows.lost, directions, weights)
        curves = (self.ramps.encode(rows.values) * line) @ self._alone().owner
        pooling = fit_pooling(
            curves,
            rows.categories,
            rows.lost,
            offset=bias + curves.sum(axis=1),
            drivers=self.ways.drivers,
            weights=weights,
        )
        effects = pooling.of(rows.categories)
        booster = grow(
            rows.values,
            rows.lost,
            offset=bias + pooling.scaled(curves, effects).sum(axis=1) + effects[:, 0],
            directions=directions,
            seed=seed,
            growth=self.growth,
            weights=weights,
        )
        return Member(weights=line, bias=bias, pooling=pooling, booster=booster)
