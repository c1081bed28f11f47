"""What a table of interception rows would have done with the orders of a time that is over.

Each order is looked at once, at the moment ``risk_history`` draws for it. The running shop looks again at every event, so it
intercepts at least as many. What the shop did about the orders then is in how they ended: an order that a past offer kept
counts as kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from itertools import islice

from policies.interception import Interception
from retention.case import Case
from retention.past import PastOrder
from retention.ports import Store
from retention.risk import Choice, Score
from service.risk_history import case_at, moment_of, past_orders

AT_ONCE = 500
"""Cases scored together, and all that is held of them."""

ScoreMany = Callable[[Sequence[Case]], Sequence[Score]]


class Fate(str, Enum):
    """What became of an order by now."""

    LOST = "lost"
    KEPT = "kept"  # and the time to send it back is over
    OPEN = "open"


@dataclass(frozen=True, kw_only=True)
class Group:
    """The orders of one scenario, or those intercepted by one rule; ``orders`` also those that were left alone."""

    id: str
    why: str
    orders: Mapping[Fate, int]
    intercepted: Mapping[Fate, int]


@dataclass(frozen=True, kw_only=True)
class DryRun:
    """One table over all the orders. ``by_scenario`` has every scenario, ``by_rule`` what intercepted, most first."""

    version: str
    days: float
    orders: Mapping[Fate, int]
    intercepted: Mapping[Fate, int]
    by_scenario: tuple[Group, ...]
    by_rule: tuple[Group, ...]

    @property
    def precision(self) -> float | None:
        """The share of intercepted orders lost by now; open ones may follow. None when nothing was intercepted."""
        return _share(self.intercepted[Fate.LOST], sum(self.intercepted.values()))

    @property
    def recall(self) -> float | None:
        """The share of lost orders that were intercepted. None when none was lost."""
        return _share(self.intercepted[Fate.LOST], self.orders[Fate.LOST])

    @property
    def a_day(self) -> float:
        return sum(self.intercepted.values()) / self.days


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """``new`` is None when only the table in force was run; ``more`` and ``fewer`` are orders that only one intercepts."""

    since: datetime
    until: datetime
    model_version: str
    now: DryRun
    new: DryRun | None
    more: int
    fewer: int


@dataclass(kw_only=True)
class _Tally:
    """Counts of one table, added up case by case."""

    table: Interception
    orders: Counter[Fate] = field(default_factory=Counter)
    intercepted: Counter[Fate] = field(default_factory=Counter)
    in_scenario: dict[str, Counter[Fate]] = field(default_factory=dict)
    intercepted_in: dict[str, Counter[Fate]] = field(default_factory=dict)
    by_rule: dict[str, Counter[Fate]] = field(default_factory=dict)
    whys: dict[str, str] = field(default_factory=dict)

    def add(self, choice: Choice, fate: Fate) -> None:
        self.orders[fate] += 1
        self.in_scenario.setdefault(choice.scenario, Counter())[fate] += 1
        if choice.intercept:
            self.intercepted[fate] += 1
            self.intercepted_in.setdefault(choice.scenario, Counter())[fate] += 1
            self.by_rule.setdefault(choice.rule, Counter())[fate] += 1
            self.whys.setdefault(choice.rule, choice.why)

    def run(self, days: float) -> DryRun:
        scenarios = [
            Group(
                id=scenario.id,
                why=scenario.why,
                orders=self.in_scenario.get(scenario.id, Counter()),
                intercepted=self.intercepted_in.get(scenario.id, Counter()),
            )
            for scenario in self.table.scenarios
        ]
        rules = [
            Group(id=rule, why=self.whys[rule], orders=found, intercepted=found) for rule, found in self.by_rule.items()
        ]
        return DryRun(
            version=self.table.version,
            days=days,
            orders=self.orders,
            intercepted=self.intercepted,
            by_scenario=tuple(scenarios),
            by_rule=tuple(sorted(rules, key=lambda group: -sum(group.intercepted.values()))),
        )


def dry_run(
    cases: Iterable[tuple[Case, Fate]],
    *,
    score_many: ScoreMany,
    now: Interception,
    new: Interception | None,
    since: datetime,
    until: datetime,
    progress: Callable[[int, float], None] = lambda orders, done: None,
) -> Comparison:
    """Run the table in force, and another one beside it, over cases as ``past`` gives them; a few hundred in memory at a time.

    ``progress`` hears how many orders were looked at, and which share of the time is through.
    """
    tallies = [_Tally(table=table) for table in (now, new) if table is not None]
    model_version, more, fewer, seen = "none", 0, 0, 0
    for batch in _batches(cases):
        scores = score_many([case for case, _ in batch])
        for (case, fate), score in zip(batch, scores, strict=True):
            choices = [tally.table.choose(case, score) for tally in tallies]
            for tally, choice in zip(tallies, choices, strict=True):
                tally.add(choice, fate)
            before, after = choices[0].intercept, choices[-1].intercept
            more, fewer = more + (after and not before), fewer + (before and not after)
            model_version = score.model_version
        seen += len(batch)
        progress(seen, (batch[-1][0].order.placed_at - since) / (until - since))
    days = (until - since) / timedelta(days=1)
    runs = [tally.run(days) for tally in tallies]
    return Comparison(
        since=since,
        until=until,
        model_version=model_version,
        now=runs[0],
        new=runs[1] if new is not None else None,
        more=more,
        fewer=fewer,
    )


def past(store: Store, since: datetime, until: datetime, *, now: datetime) -> Iterator[tuple[Case, Fate]]:
    """Orders placed in that time, oldest first, each at its one moment; settled or not. Raises StoreBusyError."""
    for order in past_orders(store, since, until):
        moment = moment_of(order)
        if moment is not None and moment <= now:
            yield case_at(order, moment), fate_of(order, now)


def fate_of(past: PastOrder, now: datetime) -> Fate:
    if past.course.is_lost:
        return Fate.LOST
    ended = past.course.ended_at
    return Fate.KEPT if ended is not None and ended <= now else Fate.OPEN


def _batches(cases: Iterable[tuple[Case, Fate]]) -> Iterator[list[tuple[Case, Fate]]]:
    left = iter(cases)
    while batch := list(islice(left, AT_ONCE)):
        yield batch


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
