"""The shop's interception policy: pure functions over a case, built once from validated rows."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from policies.behaviour import Behaviour, read_behaviours
from policies.intervening import Rule, fitting, read_rules
from policies.person import Person, read_person
from policies.routing import Route, read_route
from policies.rows import PolicyError, Row
from policies.scenario import Scenario, applying, read_scenarios
from policies.trajectory import Trajectory
from retention.case import Case
from retention.course import Step
from retention.risk import Band, Choice, Intervention, Score
from rows.yaml_text import load_yaml

_STRENGTH = {intervention: rank for rank, intervention in enumerate(Intervention)}
_KEYS = ("version", "known", "scenarios", "bands", "offer_rounds", "route", "behaviour", "interventions", "person")


@dataclass(frozen=True, kw_only=True)
class Interception:
    """``scenarios`` and ``rules`` in the order in which they are tried; the last of each fits every case. ``route`` is what
    the dialogue engine reads for itself when it starts.
    """

    version: str
    scenarios: tuple[Scenario, ...]
    bands: tuple[tuple[Band, float], ...]  # highest first
    offer_rounds: int
    route: Route
    behaviour: tuple[Behaviour, ...]
    rules: tuple[Rule, ...]
    person: Person

    def scenario(self, case: Case) -> Scenario:
        """The one that applies; every case has exactly one."""
        return applying(self.scenarios, case)

    def band(self, probability: float) -> Band:
        return next((band for band, least in self.bands if probability >= least), Band.LOW)

    def choose(self, case: Case, score: Score) -> Choice:
        """The intervention for a case. More risk never weakens it, whatever the rows say."""
        scenario = self.scenario(case)
        pattern = next((row for row in self.behaviour if row.fits(case, score)), None)
        too_likely = score.probability > scenario.threshold
        intercept = too_likely or pattern is not None
        then, rule, why = self._intervention(case, scenario, intercept=intercept)
        by_behaviour = None if too_likely else pattern
        return Choice(
            intervention=then,
            band=self.band(score.probability),
            threshold=scenario.threshold,
            intercept=intercept,
            scenario=scenario.id,
            rule=f"{rule}+{by_behaviour.id}" if by_behaviour else rule,
            why=f"{by_behaviour.why}；{why}" if by_behaviour else why,
            version=self.version,
        )

    def _intervention(self, case: Case, scenario: Scenario, *, intercept: bool) -> tuple[Intervention, str, str]:
        """What to do, by which row and why."""
        calm = fitting(self.rules, case, intercept=False)
        alarmed = fitting(self.rules, case, intercept=True) if intercept else calm
        then, why = alarmed.then, alarmed.why
        # A row that asks for no danger, as that of unpaid orders, holds in every scenario.
        if intercept and alarmed.intercept and scenario.intervention is not None:
            then, why = scenario.intervention, scenario.why
        if _STRENGTH[then] < _STRENGTH[calm.then]:
            return calm.then, calm.id, calm.why
        return then, alarmed.id, why

    def wants_person(self, course: tuple[Step, ...]) -> str | None:
        return self.person.rule(course)

    def with_trajectory(self, trajectory: Trajectory | None) -> Interception:
        """The same rows, judging a course as was learnt."""
        return replace(self, person=replace(self.person, trajectory=trajectory))


def load(path: Path) -> Interception:
    """Read and check the rows. Raises PolicyError with file, path of the value, the value, what is expected and a remedy."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PolicyError(str(path), "", f"打不开（{error.strerror}）", "一个 YAML 文件") from error
    return read_interception(content, file=str(path))


def read_interception(content: bytes, *, file: str) -> Interception:
    """The rows of a YAML text; ``file`` is how errors call it. Raises PolicyError and nothing else."""
    digest = hashlib.sha256(content).hexdigest()[:8]
    return parse_interception(load_yaml(content, file=file, refused=PolicyError), file=file, digest=digest)


def parse_interception(value: object, *, file: str, digest: str) -> Interception:
    """As ``read_interception``, of what the YAML held."""
    top = Row(file, "", value)
    top.only(*_KEYS)
    known = top.row("known")
    known.only("tiers", "channels")
    return Interception(
        version=f"{top.whole('version', 1, 10**6)}-{digest}",
        scenarios=read_scenarios(top, known={key: known.texts(key) for key in ("tiers", "channels")}),
        bands=_bands(top.row("bands")),
        offer_rounds=top.whole("offer_rounds", 0, 2),
        route=read_route(top),
        behaviour=read_behaviours(top),
        rules=read_rules(top),
        person=read_person(top.row("person")),
    )


def _bands(row: Row) -> tuple[tuple[Band, float], ...]:
    row.only("medium", "high", "critical")
    named = tuple((band, row.number(band.value, 0, 1)) for band in (Band.CRITICAL, Band.HIGH, Band.MEDIUM))
    if sorted((least for _, least in named), reverse=True) != [least for _, least in named]:
        raise row.error("medium", "medium ≤ high ≤ critical 的三个数")
    return named
