"""Whether groups of shoppers are treated alike: offers and saves by tier, province, channel, and new against known."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from compensation.lift import wilson
from retention.dealing import Dealing
from retention.kindred import LEAVING
from retention.profile import Outcome

ALARM = 0.05
"""How likely a report without any true difference may warn of one."""
LEAST_EXPECTED = 5.0
"""Fewer expected yes or no in a group or in the rest say nothing by the normal approximation."""
UNSTATED = "unstated"

_SAVED = frozenset({Outcome.DEFLECTED, Outcome.RETAINED})


class Measure(str, Enum):
    OFFERED = "offered"  # of the shoppers who wanted out or were offered something
    SAVED = "saved"  # of those whose order is decided: it stands


@dataclass(frozen=True, kw_only=True)
class Share:
    """``yes`` of ``n``, with Wilson's 95 % interval; of nobody it is not known."""

    yes: int
    n: int

    @property
    def value(self) -> float | None:
        return self.yes / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.yes, self.n) if self.n else (0.0, 1.0)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A group against the rest among shoppers who came with the same reason.

    ``gap`` is the difference of shares, Mantel and Haenszel's mean over the reasons, -1..1; ``p`` that of Cochran, Mantel
    and Haenszel, without correction for continuity. Both are None when there is too little to say. ``warns``: more than
    chance, all comparisons of the report taken together (Holm).
    """

    measure: Measure
    share: Share
    gap: float | None
    p: float | None
    warns: bool = False


@dataclass(frozen=True, kw_only=True)
class Group:
    """``name`` is None for shoppers of whom it is not known."""

    name: str | None
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, kw_only=True)
class Fairness:
    """``dimensions``: tier, province, channel, tenure -> its groups, the largest first."""

    dealings: int
    dimensions: Mapping[str, tuple[Group, ...]]

    @property
    def warns(self) -> bool:
        return any(one.warns for groups in self.dimensions.values() for group in groups for one in group.comparisons)


DIMENSIONS: Mapping[str, Callable[[Dealing], str | None]] = {
    "tier": lambda one: one.tier,
    "province": lambda one: one.province,
    "channel": lambda one: one.channel,
    "tenure": lambda one: None if one.lifetime_orders is None else ("known" if one.lifetime_orders else "new"),
}


def fairness(dealings: Iterable[Dealing]) -> Fairness:
    """Of the conversations in which an order was in danger: the shopper wanted out, or was offered something."""
    endangered = [one for one in dealings if one.offers or not LEAVING.isdisjoint(one.intents)]
    found = {name: _groups(endangered, of) for name, of in DIMENSIONS.items()}
    return Fairness(dealings=len(endangered), dimensions=_with_warnings(found))


def _groups(dealings: Sequence[Dealing], of: Callable[[Dealing], str | None]) -> tuple[Group, ...]:
    members: dict[str | None, int] = defaultdict(int)
    for one in dealings:
        members[of(one)] += 1
    names = sorted(members, key=lambda name: (name is None, -members[name], name or ""))
    offered = [(of(one), _stratum(one), bool(one.offers)) for one in dealings]
    saved = [
        (of(one), _stratum(one), one.outcome in _SAVED) for one in dealings if one.outcome is not Outcome.UNDECIDED
    ]
    return tuple(
        Group(
            name=name,
            comparisons=(_compared(Measure.OFFERED, offered, name), _compared(Measure.SAVED, saved, name)),
        )
        for name in names
    )


def _stratum(dealing: Dealing) -> str:
    return dealing.reasons[0] if dealing.reasons else UNSTATED


def _compared(measure: Measure, rows: Sequence[tuple[str | None, str, bool]], name: str | None) -> Comparison:
    """``rows``: group, stratum, yes or no. Shoppers of whom the group is not known are compared with nobody."""
    own = [yes for group, _, yes in rows if group == name]
    share = Share(yes=sum(own), n=len(own))
    tables: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])  # own yes, own no, other yes, other no
    for group, stratum, yes in rows:
        if group is not None:
            tables[stratum][2 * (group != name) + (not yes)] += 1
    if name is None or not _says_enough(tables.values()):
        return Comparison(measure=measure, share=share, gap=None, p=None)
    surplus = variance = weighed = weight = 0.0
    for own_yes, own_no, other_yes, other_no in tables.values():
        n, own_n, other_n = own_yes + own_no + other_yes + other_no, own_yes + own_no, other_yes + other_no
        yes_n = own_yes + other_yes
        surplus += own_yes - own_n * yes_n / n
        variance += own_n * other_n * yes_n * (n - yes_n) / (n * n * (n - 1)) if n > 1 else 0.0
        weighed += (own_yes * other_n - other_yes * own_n) / n
        weight += own_n * other_n / n
    p = math.erfc(abs(surplus) / math.sqrt(2 * variance)) if variance else 1.0
    return Comparison(measure=measure, share=share, gap=weighed / weight if weight else 0.0, p=p)


def _says_enough(tables: Iterable[Sequence[int]]) -> bool:
    own_yes, own_no, other_yes, other_no = map(sum, zip(*tables, strict=True)) if tables else (0, 0, 0, 0)
    n = own_yes + own_no + other_yes + other_no
    sides = (own_yes + own_no, other_yes + other_no)
    answers = (own_yes + other_yes, own_no + other_no)
    return n > 0 and min(sides) * min(answers) / n >= LEAST_EXPECTED


def _with_warnings(found: Mapping[str, tuple[Group, ...]]) -> Mapping[str, tuple[Group, ...]]:
    """Holm's step-down: the smallest p against ALARM / m, the next against ALARM / (m - 1), until one does not pass."""
    tests = sorted(
        (one.p, name, index, place)
        for name, groups in found.items()
        for index, group in enumerate(groups)
        for place, one in enumerate(group.comparisons)
        if one.p is not None
    )
    warned: set[tuple[str, int, int]] = set()
    for rank, (p, name, index, place) in enumerate(tests):
        if p > ALARM / (len(tests) - rank):
            break
        warned.add((name, index, place))
    return {
        name: tuple(
            replace(
                group,
                comparisons=tuple(
                    replace(one, warns=(name, index, place) in warned) for place, one in enumerate(group.comparisons)
                ),
            )
            for index, group in enumerate(groups)
        )
        for name, groups in found.items()
    }
