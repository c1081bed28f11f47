"""The shop's interception policy: pure functions over a case, built once from validated rows."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import yaml

from policies.rows import PolicyError, Row
from policies.trajectory import Trajectory, mood
from retention.case import Case
from retention.course import Step
from retention.hearing import Emotion, Hearing, Reason
from retention.order import Stage
from retention.risk import Band, Choice, Intervention, Score


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """A pattern of events, or of resemblance to past cancellers, that calls for interception by itself."""

    id: str
    why: str
    event: str | None
    count: int
    within: timedelta
    similarity: float | None

    def fits(self, case: Case, score: Score) -> bool:
        if self.similarity is not None:
            alike = [past for past in score.similar if past.cancelled and past.similarity >= self.similarity]
            return len(alike) >= self.count
        since = case.now - self.within
        return sum(event.kind == self.event and event.at >= since for event in case.events) >= self.count


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


@dataclass(frozen=True, kw_only=True)
class Person:
    """When a person must take over.

    ``trajectory`` judges the whole course where it has been learnt; until then ``furious`` and the levels of the mood do.
    """

    escalate: float
    surely: float
    missed_to_needless: float
    furious: float
    decay: float
    level: float
    level_turns: int
    words: tuple[tuple[str, re.Pattern[str]], ...]
    trajectory: Trajectory | None = None

    def rule(self, course: tuple[Step, ...]) -> str | None:
        """The rule that calls for a person now, or None. A pleased shopper is never sent to one by mood."""
        now = course[-1]
        for rule, pattern in self.words:
            if pattern.search(now.text):
                return rule
        if now.hearing.emotion is Emotion.PLEASED:
            return None
        # A message in mid-conversation sounds sharper than it is; there the course is weighed as well.
        if now.hearing.escalate >= (self.escalate if len(course) == 1 else self.surely):
            return "escalate"
        if self.trajectory is None:
            return self._by_mood(tuple(step.hearing for step in course))
        worth_it = 1 / (1 + self.missed_to_needless)
        return self.trajectory.rule(course) if self.trajectory.probability(course) >= worth_it else None

    def _by_mood(self, hearings: tuple[Hearing, ...]) -> str | None:
        now = hearings[-1]
        if now.emotion is Emotion.ANGRY and now.intensity >= self.furious:
            return "furious"
        negative = sum(hearing.sentiment < 0 for hearing in hearings)
        if now.sentiment < 0 and negative >= self.level_turns and mood(hearings, self.decay) <= self.level:
            return "worsening"
        return None


@dataclass(frozen=True, kw_only=True)
class Interception:
    version: str
    default_threshold: float
    promotion_threshold: float
    bands: tuple[tuple[Band, float], ...]  # highest first
    offer_rounds: int
    behaviour: tuple[Behaviour, ...]
    rules: tuple[Rule, ...]
    person: Person

    def threshold(self, case: Case) -> float:
        return self.promotion_threshold if case.order.promotion_id else self.default_threshold

    def band(self, probability: float) -> Band:
        return next((band for band, least in self.bands if probability >= least), Band.LOW)

    def choose(self, case: Case, score: Score) -> Choice:
        """The intervention for a case. More risk never weakens it."""
        threshold = self.threshold(case)
        pattern = next((row for row in self.behaviour if row.fits(case, score)), None)
        intercept = score.probability > threshold or pattern is not None
        rule = next(row for row in self.rules if row.fits(case, intercept=intercept))
        by_behaviour = pattern is not None and score.probability <= threshold
        return Choice(
            intervention=rule.then,
            band=self.band(score.probability),
            threshold=threshold,
            intercept=intercept,
            rule=f"{rule.id}+{pattern.id}" if by_behaviour and pattern else rule.id,
            why=f"{pattern.why};{rule.why}" if by_behaviour and pattern else rule.why,
            version=self.version,
        )

    def wants_person(self, course: tuple[Step, ...]) -> str | None:
        return self.person.rule(course)

    def with_trajectory(self, trajectory: Trajectory | None) -> Interception:
        """The same rows, judging a course as was learnt."""
        return replace(self, person=replace(self.person, trajectory=trajectory))


def load(path: Path) -> Interception:
    """Read and check the rows. Raises PolicyError with file, path of the value, the value and what is expected."""
    text = path.read_text(encoding="utf-8")
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise PolicyError(str(path), "", data_shown(error), "YAML") from error
    top = Row(str(path), "", data)
    top.only("version", "thresholds", "bands", "offer_rounds", "route", "behaviour", "interventions", "person")
    thresholds, bands = top.row("thresholds"), top.row("bands")
    thresholds.only("default", "promotion")
    bands.only("medium", "high", "critical")
    named = tuple((band, bands.number(band.value, 0, 1)) for band in (Band.CRITICAL, Band.HIGH, Band.MEDIUM))
    if sorted((least for _, least in named), reverse=True) != [least for _, least in named]:
        raise bands.error("medium", "medium <= high <= critical")
    rules = tuple(_rule(row) for row in top.rows("interventions"))
    if not rules or rules[-1] != Rule(
        id=rules[-1].id, then=rules[-1].then, why=rules[-1].why,
        goal=None, reasons=None, stages=None, intercept=None, late_hours=None,
    ):  # fmt: skip
        raise top.error("interventions", "a last row without `when`, so that every case is decided")
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return Interception(
        version=f"{top.whole('version', 1, 10**6)}-{digest}",
        default_threshold=thresholds.number("default", 0, 1),
        promotion_threshold=thresholds.number("promotion", 0, 1),
        bands=named,
        offer_rounds=top.whole("offer_rounds", 0, 2),
        behaviour=tuple(_behaviour(row) for row in top.rows("behaviour")),
        rules=rules,
        person=_person(top.row("person")),
    )


def data_shown(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def _behaviour(row: Row) -> Behaviour:
    row.only("id", "event", "count", "within_hours", "similarity", "of", "why")
    by_event = "event" in row
    return Behaviour(
        id=row.text("id"),
        why=row.text("why"),
        event=row.text("event") if by_event else None,
        count=row.whole("count" if by_event else "of", 1, 100),
        within=timedelta(hours=row.number("within_hours", 0, 24 * 90)) if by_event else timedelta(0),
        similarity=None if by_event else row.number("similarity", 0, 1),
    )


def _rule(row: Row) -> Rule:
    row.only("id", "when", "then", "why")
    when = row.row("when") if "when" in row else Row(row.file, f"{row.path}.when", {})
    when.only("goal", "reasons", "stages", "intercept", "late_hours")
    return Rule(
        id=row.text("id"),
        then=row.choice("then", Intervention),
        why=row.text("why"),
        goal=frozenset(when.texts("goal")) if "goal" in when else None,
        reasons=frozenset(when.choices("reasons", Reason)) if "reasons" in when else None,
        stages=frozenset(when.choices("stages", Stage)) if "stages" in when else None,
        intercept=when.flag("intercept") if "intercept" in when else None,
        late_hours=when.number("late_hours", 0, 24 * 365) if "late_hours" in when else None,
    )


def _person(row: Row) -> Person:
    row.only("escalate", "surely", "missed_to_needless", "furious", "decay", "level", "level_turns", "words")
    words = []
    for entry in row.rows("words"):
        entry.only("rule", "patterns")
        try:
            pattern = re.compile("|".join(f"(?:{part})" for part in entry.texts("patterns")))
        except re.error as error:
            raise entry.error("patterns", f"regular expressions ({error})") from error
        words.append((entry.text("rule"), pattern))
    return Person(
        escalate=row.number("escalate", 0, 1),
        surely=row.number("surely", 0, 1),
        missed_to_needless=row.number("missed_to_needless", 0.01, 1000),
        furious=row.number("furious", 0, 1),
        decay=row.number("decay", 0, 1),
        level=row.number("level", -1, 0),
        level_turns=row.whole("level_turns", 1, 100),
        words=tuple(words),
    )
