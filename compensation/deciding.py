"""How a shop decides as its catalog now says: its own offers, those of the catalog on trial, and who gets neither."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from compensation.engine import Engine
from compensation.experiment import Experiment
from compensation.guard import Guard
from compensation.rules import Rule
from compensation.thompson import Sampler
from compensation.trial import Trial, is_money
from retention.case import Case, DecideOffer
from retention.exposure import CHAMPION, Arm, Decided
from retention.offer import NoOffer, Offer
from retention.risk import Score


@dataclass(frozen=True, kw_only=True)
class Draws:
    """Whether offers are drawn by now, and the shop's own salt of the draw."""

    due: Callable[[], bool]
    salt: str


NO_DRAWS = Draws(due=lambda: False, salt="")


class Deciding:
    """``engine`` is the shop's own; ``challenger`` decides for the share that the experiment names; ``guard`` is the one now in
    force.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        guard: Callable[[], Guard],
        experiment: Experiment,
        challenger: Engine | None = None,
        draws: Draws = NO_DRAWS,
    ) -> None:
        self.engine = engine
        self._guard = guard
        self._draws = draws
        self.experiment = experiment
        self._engines = {CHAMPION: engine}
        if experiment.challenger is not None and challenger is not None:
            self._engines[experiment.challenger.name] = challenger
        self._trial = Trial(
            experiment,
            champion=self._guarded(engine),
            challenger=self._guarded(challenger) if challenger is not None else None,
        )

    def _guarded(self, engine: Engine) -> DecideOffer:
        """What is best by the catalog's priors; once orders have taught better, drawn by how likely it is the best."""

        def decide(case: Case, score: Score) -> Offer | NoOffer:
            guard = self._guard()
            if self._draws.due():
                return Sampler(engine=engine, salt=self._draws.salt, guard=guard).decide(case, score)
            return guard.around(engine.decide, engine.quote)(case, score)

        return decide

    @property
    def versions(self) -> tuple[str, ...]:
        """Of the catalogs, the shop's own first."""
        return tuple(engine.version for engine in self._engines.values())

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Of all the catalogs, the shop's own last: of the same name, its own is meant."""
        return tuple(rule for engine in reversed(self._engines.values()) for rule in engine.rules)

    @property
    def cap_window(self) -> timedelta:
        return max(self._guard().window, *(engine.cap_window for engine in self._engines.values()))

    @property
    def budgets(self) -> Mapping[str, int]:
        """Budget id -> its cap in fen; of a pot that both catalogs name, the shop's own cap holds."""
        return {name: cap for engine in reversed(self._engines.values()) for name, cap in engine.budgets().items()}

    def decide(self, case: Case, score: Score) -> Decided:
        return self._trial.decide(case, score)

    def after_save(self, case: Case) -> tuple[Offer, ...]:
        """What a kept order gets by itself; a hold-out, and whom the guard gives no money, only what is free."""
        offers = self._engines[self._trial.variant(case)].after_save(case)
        held_out, guard = self._trial.arm(case) is Arm.HELD_OUT, self._guard()
        return tuple(
            offer for offer in offers if not (held_out and is_money(offer)) and guard.against(case, offer) is None
        )

    def spent_since(self, now: datetime) -> frozenset[datetime]:
        return frozenset().union(*(engine.spent_since(now) for engine in self._engines.values()))
