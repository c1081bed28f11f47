"""The choice: of the offers that answer a case and fit every cap, the one that saves the most expected margin."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from compensation.candidate import Candidate, Hurdle, Stop, fitting, rank, ruled_out, stop
from compensation.caps import over_all, tightest
from compensation.catalog import Authority, Catalog, Consent, Row, read_catalog
from compensation.effect import EstimateEffect, ShadowPrice, free, prior_effect
from compensation.eligibility import answers, barred, cause_of, ended, stopped, unanswered
from compensation.offer_type import Draft, Misfit
from compensation.reading import CatalogError
from compensation.rules import Rule, applying
from compensation.words import CONCERNS, yuan
from retention.case import Allowance, Case
from retention.offer import NoOffer, Offer
from retention.risk import Score


class Engine:
    """Pure: the same case, score and catalog give the same answer, and nothing is remembered or written.

    Looking up a proposal that is already on the table comes before asking for a new one: the engine never proposes
    for a cause, or from a row, that the order has a grant of, in whatever state. ``max_rounds`` is asked at every decision.
    """

    def __init__(
        self,
        catalog: Catalog,
        *,
        max_rounds: Callable[[], int] = lambda: 1,
        effect: EstimateEffect = prior_effect,
        prices: ShadowPrice = free,
    ) -> None:
        self._catalog = catalog
        self._max_rounds = max_rounds
        self._effect = effect
        self._prices = prices

    @classmethod
    def from_file(cls, path: str | Path, *, max_rounds: int = 1) -> Engine:
        """Raises CatalogError, naming the place of the bad value."""
        return cls(catalog_of(Path(path)), max_rounds=lambda: max_rounds)

    @property
    def version(self) -> str:
        return self._catalog.version

    @property
    def rows(self) -> tuple[Row, ...]:
        return self._catalog.rows

    @property
    def rules(self) -> tuple[Rule, ...]:
        return self._catalog.rules

    @property
    def cap_window(self) -> timedelta:
        """How far back ``Case.customer_grants`` must reach for every cap to be counted in full."""
        days = (self._catalog.caps.window_days, *(row.caps.window_days for row in self._catalog.rows))
        return timedelta(days=max(days))

    def spent_since(self, now: datetime) -> frozenset[datetime]:
        """The moments since which ``Case.spent`` must be counted."""
        return self._catalog.windows(now)

    def budgets(self) -> Mapping[str, int]:
        """Budget id -> its cap in fen."""
        return self._catalog.budgets

    def allowance(self, case: Case) -> Allowance:
        """What a person may still give: the caps hold for them as well, the bot's number of rounds does not."""
        if not case.order.is_open:
            return Allowance(left_fen=0, why="订单已经结束")
        limit = over_all(self._catalog.caps, applying(self._catalog.rules, case), case)
        return Allowance(left_fen=limit.left_fen, why=limit.why)

    def decide(self, case: Case, score: Score) -> Offer | NoOffer:
        misfit = self._barred(case)
        if misfit is not None:
            return self._none(misfit.rule, misfit.why)
        ranked = self.quote(case, score)
        if not ranked:
            misfit = unanswered(case)
            return self._none(misfit.rule, misfit.why)
        best = ranked[0]
        return best.offer or self._none(best.rule, best.why)

    def quote(
        self, case: Case, score: Score, *, by: Authority = Authority.BOT, doubt: float = 0.0
    ) -> tuple[Candidate, ...]:
        """Every row that answers the case: those that fit, best first, then those ruled out, nearest miss first.

        ``by`` a person: also what only a person may offer, to whoever refused automated decisions, in any round.
        ``doubt``: also what is not expected to be worth its cost, but would be by so many standard deviations more.
        """
        misfit = self._barred(case) if by is Authority.BOT else ended(case)
        answering = [row for row in self._catalog.rows if answers(row, case)]
        if misfit is not None:
            weighed = [ruled_out(row, Stop(hurdle=Hurdle.CASE, misfit=misfit)) for row in answering]
        else:
            weighed = [self._weigh(row, case, score, by, doubt) for row in answering]
        return tuple(sorted(weighed, key=rank))

    def after_save(self, case: Case) -> tuple[Offer, ...]:
        """What is given without a question because the order was kept: of the rows with consent ``auto`` the first that
        fits every hurdle but worth, since an order is given something once for a cause.
        """
        if barred(case) is not None:
            return ()
        for row in self._catalog.rows:
            if row.consent is Consent.AUTO:
                draft = self._draft(row, case, Authority.BOT)
                if isinstance(draft, Draft):
                    return (self._offer(row, case, draft, gain_fen=-draft.cost_fen),)
        return ()

    def _barred(self, case: Case) -> Misfit | None:
        """What forbids the bot any offer at all in this case."""
        if (misfit := barred(case)) is not None:
            return misfit
        if case.rounds >= self._max_rounds():
            return Misfit(rule="rounds", why=f"本次会话已经提过 {case.rounds} 次方案，不再追加")
        return None

    def _none(self, rule: str, why: str) -> NoOffer:
        return NoOffer(rule=rule, why=why, catalog_version=self.version)

    def _weigh(self, row: Row, case: Case, score: Score, by: Authority, doubt: float) -> Candidate:
        draft = self._draft(row, case, by)
        if isinstance(draft, Stop):
            return ruled_out(row, draft)
        estimate = self._effect(row, case, score)
        deviation_fen = estimate.deviation * case.order.margin_fen
        worth_fen = math.floor(estimate.mean * case.order.margin_fen) - draft.cost_fen
        gain_fen = worth_fen - math.ceil(self._prices(row.budget.budget_id, case.now) * draft.reserve_fen)
        if gain_fen + doubt * deviation_fen <= 0 and not row.standing:
            return ruled_out(row, _not_worth_it(draft) if worth_fen <= 0 else _saved_up())
        offer = self._offer(row, case, draft, gain_fen=gain_fen)
        return fitting(row, offer, deviation_fen=deviation_fen, learnt_from=estimate.source)

    def _draft(self, row: Row, case: Case, by: Authority) -> Draft | Stop:
        """What the row would give inside every cap, worth it or not."""
        rules = applying(self._catalog.rules, case)
        barrier = stopped(row, case, by, rules)
        if barrier is not None:
            return barrier
        limit = tightest(self._catalog.caps, rules, row.caps, row.offer_id, case)
        draft = row.remedy.draft(case, limit.left_fen)
        if isinstance(draft, Misfit):
            return Stop(hurdle=Hurdle.FACTS, misfit=draft)
        if draft.reserve_fen > limit.left_fen:
            return stop(Hurdle.CAPS, limit.rule, f"{limit.why}，该方案最多要 {yuan(draft.reserve_fen)}")
        return draft

    def _offer(self, row: Row, case: Case, draft: Draft, *, gain_fen: int) -> Offer:
        cause = cause_of(row, case)
        assert cause is not None, "a row without a cause left is stopped"
        words = {**draft.words, "order": case.order.title, "concern": CONCERNS[cause]}
        return Offer(
            offer_id=row.offer_id,
            kind=row.remedy.kind,
            title=row.title,
            cause=cause,
            value_fen=draft.value_fen,
            cost_fen=draft.cost_fen,
            reserve_fen=draft.reserve_fen,
            pitch=row.pitch.format_map(words),
            why=row.why.format_map(words),
            budget=row.budget.budget_id,
            catalog_version=self.version,
            terms=draft.terms,
            expires_hours=row.expires_hours,
            expected_gain_fen=gain_fen,
            standing=row.standing,
        )


def catalog_of(path: Path) -> Catalog:
    """Raises CatalogError, also for a file that cannot be opened."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CatalogError(str(path), "", f"打不开（{error.strerror}）", "一个 YAML 文件") from error
    return read_catalog(content, file=str(path))


def _not_worth_it(draft: Draft) -> Stop:
    return stop(Hurdle.WORTH, "not_worth_it", f"预计成本 {yuan(draft.cost_fen)}，不低于预计能留住的毛利")


def _saved_up() -> Stop:
    return stop(Hurdle.WORTH, "saved_up", "活动预算花得比计划快，这笔留给更需要的订单")
