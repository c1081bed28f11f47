"""What the offers changed, against the hold-out: differences with intervals, and how many orders it takes to see one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

Interval = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Lift:
    """Settled orders of both arms, each of at least one order, and how many of them were kept.

    Raises ValueError for counts that cannot be.
    """

    treated_n: int
    treated_kept: int
    held_n: int
    held_kept: int

    def __post_init__(self) -> None:
        for arm, n, kept in (
            ("treated", self.treated_n, self.treated_kept),
            ("held", self.held_n, self.held_kept),
        ):
            if n < 1 or not 0 <= kept <= n:
                raise ValueError(f"{arm} arm: {kept} kept of {n}; expected at least one order, and at most all kept")

    @property
    def n(self) -> int:
        return self.treated_n + self.held_n

    @property
    def estimate(self) -> float:
        """Share kept with the offer less share kept without it, -1..1."""
        return self.treated_kept / self.treated_n - self.held_kept / self.held_n

    def interval(self, level: float = 0.95) -> Interval:
        """Newcombe's hybrid score interval (1998, method 10): right also when all or none of an arm were kept.

        >>> low, high = Lift(treated_n=70, treated_kept=56, held_n=80, held_kept=48).interval()
        >>> round(low, 4), round(high, 4)
        (0.0524, 0.3339)
        """
        treated, held = self.treated_kept / self.treated_n, self.held_kept / self.held_n
        treated_low, treated_high = wilson(self.treated_kept, self.treated_n, level)
        held_low, held_high = wilson(self.held_kept, self.held_n, level)
        return (
            max(-1.0, self.estimate - math.hypot(treated - treated_low, held_high - held)),
            min(1.0, self.estimate + math.hypot(treated_high - treated, held - held_low)),
        )


@dataclass(frozen=True, kw_only=True)
class Stratified:
    """Lifts of groups that do not overlap (value tiers), each weighed by its share of all orders.

    A hold-out that happens to hold more loyal shoppers than the rest then no longer looks like a loss.
    """

    strata: Sequence[Lift]

    def __post_init__(self) -> None:
        if not self.strata:
            raise ValueError("no stratum; expected at least one with orders in both arms")

    @property
    def estimate(self) -> float:
        return sum(share * each.estimate for share, each in self._weighed())

    def interval(self, level: float = 0.95) -> Interval:
        """The strata's distances to their bounds, recovered and added in squares (Zou and Donner 2008)."""
        below = above = 0.0
        for share, each in self._weighed():
            low, high = each.interval(level)
            below += (share * (each.estimate - low)) ** 2
            above += (share * (high - each.estimate)) ** 2
        return self.estimate - math.sqrt(below), self.estimate + math.sqrt(above)

    def _weighed(self) -> list[tuple[float, Lift]]:
        total = sum(each.n for each in self.strata)
        return [(each.n / total, each) for each in self.strata]


@dataclass(frozen=True, kw_only=True)
class Amounts:
    """Amounts of one arm, one an order, fen: how many, their sum, the sum of their squares. Adds up over strata."""

    n: int
    total: float
    squares: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Amounts:
        return cls(n=len(values), total=math.fsum(values), squares=math.fsum(value * value for value in values))

    @property
    def mean(self) -> float:
        return self.total / self.n

    @property
    def variance(self) -> float:
        """Of one amount, by n - 1."""
        return max(0.0, (self.squares - self.total * self.total / self.n) / (self.n - 1))


@dataclass(frozen=True, kw_only=True)
class MarginLift:
    """Margin after the offer's cost, fen an order, of both arms: at least two orders in each."""

    treated: Amounts
    held: Amounts

    def __post_init__(self) -> None:
        if min(self.treated.n, self.held.n) < 2:
            raise ValueError(f"{self.treated.n} treated and {self.held.n} held orders; expected at least 2 of each")

    @property
    def estimate(self) -> float:
        return self.treated.mean - self.held.mean

    def interval(self, level: float = 0.95) -> Interval:
        """Welch's: the arms may differ in size and in spread."""
        treated, held = self.treated.variance / self.treated.n, self.held.variance / self.held.n
        spread = treated + held
        if spread == 0:
            return self.estimate, self.estimate
        freedom = spread**2 / (treated**2 / (self.treated.n - 1) + held**2 / (self.held.n - 1))
        reach = student(freedom, level) * math.sqrt(spread)
        return self.estimate - reach, self.estimate + reach


def wilson(kept: int, n: int, level: float = 0.95) -> Interval:
    """Wilson's score interval of a share."""
    z = normal(level)
    share = kept / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, middle - reach), min(1.0, middle + reach)


def sample_size(*, kept: float, lift: float, hold_out: float, power: float = 0.8, level: float = 0.95) -> int:
    """Orders of both arms together that show a true ``lift`` over the share ``kept`` without an offer.

    With probability ``power`` the two-sided interval of ``level`` then leaves out zero; ``hold_out`` is the share of
    orders that get no offer. Fleiss, Levin and Paik (2003), 4.2. Raises ValueError for shares that cannot be.

    >>> sample_size(kept=0.5, lift=0.1, hold_out=0.5)
    775
    """
    treated = kept + lift
    if not (0 <= kept <= 1 and 0 <= treated <= 1 and lift):
        raise ValueError(f"kept {kept} and lift {lift}; expected two different shares from 0 to 1")
    if not (0 < hold_out < 1 and 0 < power < 1 and 0 < level < 1):
        raise ValueError(f"hold_out {hold_out}, power {power}, level {level}; expected shares between 0 and 1")
    both = (1 - hold_out) * treated + hold_out * kept
    same = both * (1 - both) * (1 / hold_out + 1 / (1 - hold_out))
    apart = kept * (1 - kept) / hold_out + treated * (1 - treated) / (1 - hold_out)
    needed = (normal(level) * math.sqrt(same) + NormalDist().inv_cdf(power) * math.sqrt(apart)) / lift
    return math.ceil(needed * needed)


def normal(level: float) -> float:
    """How many standard deviations a two-sided interval of ``level`` reaches."""
    return NormalDist().inv_cdf(0.5 + level / 2)


def student(freedom: float, level: float) -> float:
    """As ``normal``, of Student's t: Cornish and Fisher's expansion, within 1 % from 3 degrees of freedom on."""
    z = normal(level)
    return (
        z
        + (z**3 + z) / (4 * freedom)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3)
    )
