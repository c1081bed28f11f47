"""Which intervention an order gets: the first row that fits decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from policies.rows import Row, unique
from retention.case import Case
from retention.hearing import Reason
from retention.order import Stage
from retention.risk import Intervention


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One row of ``interventions``; a None condition always holds."""

    id: str
    then: Intervention
    why: str
    goal: frozenset[str] | None
    reasons: frozenset[Reason] | None
    stages: frozenset[Stage] | None
    intercept: bool | None
    late_hours: float | None

    def fits(self, case: Case, *, intercept: bool) -> bool:
        return (
            (self.goal is None or case.goal in self.goal)
            and (self.reasons is None or not self.reasons.isdisjoint(case.reasons))
            and (self.stages is None or case.order.stage in self.stages)
            and (self.intercept is None or self.intercept is intercept)
            and (self.late_hours is None or case.order.late_hours(case.now) >= self.late_hours)
        )

    @property
    def always_fits(self) -> bool:
        asked = (self.goal, self.reasons, self.stages, self.intercept, self.late_hours)
        return all(condition is None for condition in asked)


def fitting(rules: Sequence[Rule], case: Case, *, intercept: bool) -> Rule:
    """Of rules as ``read_rules`` gives them."""
    return next(rule for rule in rules if rule.fits(case, intercept=intercept))


def read_rules(top: Row) -> tuple[Rule, ...]:
    """The last one always fits. Raises PolicyError."""
    rows = top.rows("interventions")
    rules = tuple(_rule(row) for row in rows)
    unique(rows, [rule.id for rule in rules])
    if not rules or not rules[-1].always_fits:
        raise top.error("interventions", "最后一行不写 when 的若干行，这样每单都有着落")
    return rules


def _rule(row: Row) -> Rule:
    row.only("id", "when", "then", "why")
    when = row.row("when") if "when" in row else Row(row.file, f"{row.path}.when", {})
    when.only("goal", "reasons", "stages", "intercept", "late_hours")
    return Rule(
        id=row.identifier("id"),
        then=row.choice("then", Intervention),
        why=row.text("why"),
        goal=frozenset(when.texts("goal")) if "goal" in when else None,
        reasons=frozenset(when.choices("reasons", Reason)) if "reasons" in when else None,
        stages=frozenset(when.choices("stages", Stage)) if "stages" in when else None,
        intercept=when.flag("intercept") if "intercept" in when else None,
        late_hours=when.number("late_hours", 0, 24 * 365) if "late_hours" in when else None,
    )
