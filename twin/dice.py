"""A seeded stream of draws."""

from __future__ import annotations

import math
import zlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from statistics import NormalDist
from typing import TypeVar

import numpy as np

_Thing = TypeVar("_Thing")
_BLOCK = 4096
_NORMAL = NormalDist()


class Dice:
    """The same seed and name draw the same, everywhere: only uniform numbers come from the generator."""

    def __init__(self, seed: int, name: str) -> None:
        self._generator = np.random.Generator(np.random.PCG64([seed, zlib.crc32(name.encode())]))
        self._block: Iterator[float] = iter(())

    def unit(self) -> float:
        """Uniform in [0, 1)."""
        for value in self._block:
            return value
        self._block = iter(self._generator.random(_BLOCK).tolist())
        return next(self._block)

    def chance(self, probability: float) -> bool:
        return self.unit() < probability

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self.unit()

    def whole(self, low: int, high: int) -> int:
        """Uniform over low..high, both included."""
        return low + int(self.unit() * (high - low + 1))

    def pick(self, things: Sequence[_Thing]) -> _Thing:
        return things[int(self.unit() * len(things))]

    def weighted(self, things: Sequence[_Thing], weights: Sequence[float]) -> _Thing:
        left = self.unit() * sum(weights)
        for thing, weight in zip(things, weights, strict=True):
            left -= weight
            if left < 0:
                return thing
        return things[-1]

    def along(self, cumulative: Sequence[float]) -> int:
        """An index, as likely as its step in an ascending row of running totals."""
        return min(bisect_right(cumulative, self.unit() * cumulative[-1]), len(cumulative) - 1)

    def normal(self, mean: float, deviation: float) -> float:
        return mean + deviation * _NORMAL.inv_cdf(min(max(self.unit(), 1e-12), 1 - 1e-12))

    def wait(self, mean: float) -> float:
        """Exponential: how long until something that happens at random."""
        return -mean * math.log(1 - self.unit())

    def count(self, mean: float) -> int:
        """Poisson; for small means."""
        floor, product, count = math.exp(-mean), self.unit(), 0
        while product > floor:
            product *= self.unit()
            count += 1
        return count
