"""The choice: of the offers that answer a case and fit every cap, the one that saves the most expected margin."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from pathlib import Path

from compensation.caps import over_all, tightest
from compensation.catalog import NO_MONEY, Authority, Catalog, Row, read_catalog
from compensation.experiment import Experiment
from compensation.offer_type import Draft, Misfit
from compensation.reading import CatalogError
from compensation.words import CONCERNS, GENERAL, yuan
from retention.case import Allowance, Case
from retention.offer import NoOffer, Offer
from retention.risk import Score


class Hurdle(IntEnum):
    """What a candidate must pass, in this order; the one that fell last names the rule of a NoOffer."""

    CASE = 0
    AUTHORITY = 1
    STAGE = 2
    AUDIENCE = 3
    ONCE = 4
    FACTS = 5
    CAPS = 6
    WORTH = 7
    PASSED = 8


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One row weighed for one case: ``offer`` and the reason it fits, or None and the rule that rules it out."""

    offer_id: str
    kind: str
    title: str
    hurdle: Hurdle
    rule: str
    why: str
    offer: Offer | None = None
    standing: bool = False


class Engine:
    """Pure: the same case, score and catalog give the same answer, and nothing is remembered or written.

    Looking up a proposal that is already on the table comes before asking for a new one: the engine never proposes
    for a cause, or from a row, that the order has a grant of, in whatever state.
    """

    def __init__(self, catalog: Catalog, *, max_rounds: int = 1) -> None:
        self._catalog = catalog
        self._max_rounds = max_rounds

    @classmethod
    def from_file(cls, path: str | Path, *, max_rounds: int = 1) -> Engine:
        """Raises CatalogError, naming the place of the bad value."""
        try:
            content = Path(path).read_bytes()
        except OSError as error:
            found = f"cannot be opened ({error.strerror})"
            raise CatalogError(file=str(path), path="", found=found, expected="a YAML file") from error
        return cls(read_catalog(content, file=str(path)), max_rounds=max_rounds)

    @property
    def version(self) -> str:
        return self._catalog.version

    @property
    def cap_window(self) -> timedelta:
        """How far back ``Case.customer_grants`` must reach for every cap to be counted in full."""
        days = (self._catalog.caps.window_days, *(row.caps.window_days for row in self._catalog.rows))
        return timedelta(days=max(days))

    @property
    def experiment(self) -> Experiment:
        return self._catalog.experiment

    @property
    def titles(self) -> Mapping[str, str]:
        """Offer id -> its Chinese name."""
        return {row.offer_id: row.title for row in self._catalog.rows}

    def budgets(self) -> Mapping[str, int]:
        """Budget id -> its cap in fen."""
        return self._catalog.budgets

    def allowance(self, case: Case) -> Allowance:
        """What a person may still give: the caps hold for them as well, the bot's number of rounds does not."""
        if not case.order.is_open:
            return Allowance(left_fen=0, why="订单已经结束")
        limit = over_all(self._catalog.caps, case)
        return Allowance(left_fen=limit.left_fen, why=limit.why)

    def decide(self, case: Case, score: Score) -> Offer | NoOffer:
        barred = self._barred(case)
        if barred is not None:
            return NoOffer(rule=barred.rule, why=barred.why, catalog_version=self.version)
        ranked = self.quote(case, score)
        if not ranked:
            unanswered = _unanswered(case)
            return NoOffer(rule=unanswered.rule, why=unanswered.why, catalog_version=self.version)
        best = ranked[0]
        return best.offer or NoOffer(rule=best.rule, why=best.why, catalog_version=self.version)

    def quote(self, case: Case, score: Score, *, by: Authority = Authority.BOT) -> tuple[Candidate, ...]:
        """Every row that answers the case: those that fit, best first, then those ruled out, nearest miss first.

        ``by`` an associate: also what only a person may offer, to whoever refused automated decisions, in any round.
        """
        barred = self._barred(case) if by is Authority.BOT else _ended(case)
        answering = [row for row in self._catalog.rows if _answers(row, case)]
        if barred is not None:
            weighed = [_out(row, Hurdle.CASE, barred) for row in answering]
        else:
            weighed = [self._weigh(row, case, score, by) for row in answering]
        return tuple(sorted(weighed, key=_rank))

    def _barred(self, case: Case) -> Misfit | None:
        """What forbids any offer at all in this case."""
        if case.customer.opted_out:
            return Misfit(rule="opted_out", why="顾客拒绝自动决策，由人工客服决定")
        if (ended := _ended(case)) is not None:
            return ended
        if case.rounds >= self._max_rounds:
            return Misfit(rule="rounds", why=f"本次会话已经提过 {case.rounds} 次方案，不再追加")
        return None

    def _weigh(self, row: Row, case: Case, score: Score, by: Authority) -> Candidate:
        cause = _cause(row, case)
        if row.authority is Authority.ASSOCIATE and by is Authority.BOT:
            return _out(row, Hurdle.AUTHORITY, Misfit(rule="authority", why="该方案只能由人工客服提供"))
        if case.order.stage not in row.stages:
            return _out(row, Hurdle.STAGE, Misfit(rule="stage", why="订单所处阶段不适用该方案"))
        if not _is_for(row, case):
            return _out(row, Hurdle.AUDIENCE, Misfit(rule="audience", why="该方案不面向这位顾客"))
        if cause is None:
            return _out(row, Hurdle.ONCE, Misfit(rule="given_before", why="这单已经为同一原因或用同一方案提过补偿"))
        limit = tightest(self._catalog.caps, row.caps, row.offer_id, case)
        draft = row.remedy.draft(case, limit.left_fen)
        if isinstance(draft, Misfit):
            return _out(row, Hurdle.FACTS, draft)
        if draft.reserve_fen > limit.left_fen:
            why = f"{limit.why}，该方案最多要 {yuan(draft.reserve_fen)}"
            return _out(row, Hurdle.CAPS, Misfit(rule=limit.rule, why=why))
        gain_fen = math.floor(score.probability * row.kept * case.order.margin_fen) - draft.cost_fen
        if gain_fen <= 0 and not row.standing:
            why = f"预计成本 {yuan(draft.cost_fen)}，不低于预计能留住的毛利"
            return _out(row, Hurdle.WORTH, Misfit(rule="not_worth_it", why=why))
        return self._fit(row, case, cause, draft, gain_fen)

    def _fit(self, row: Row, case: Case, cause: str, draft: Draft, gain_fen: int) -> Candidate:
        words = {**draft.words, "order": case.order.title, "concern": CONCERNS[cause]}
        offer = Offer(
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
        return Candidate(
            offer_id=row.offer_id,
            kind=row.remedy.kind,
            title=row.title,
            hurdle=Hurdle.PASSED,
            rule="fits",
            why=offer.why,
            offer=offer,
            standing=row.standing,
        )


def _ended(case: Case) -> Misfit | None:
    if case.order.is_open:
        return None
    return Misfit(rule="ended", why="订单已经结束，没有可保留的订单")


def _answers(row: Row, case: Case) -> bool:
    return any(reason in row.reasons for reason in case.reasons) if case.reasons else row.generic


def _cause(row: Row, case: Case) -> str | None:
    """The first cause the row answers that the order has no grant for; None when nothing is left to remedy with it."""
    if any(grant.offer.offer_id == row.offer_id for grant in case.grants):
        return None
    remedied = {grant.offer.cause for grant in case.grants}
    causes = [reason.value for reason in case.reasons if reason in row.reasons] if case.reasons else [GENERAL]
    return next((cause for cause in causes if cause not in remedied), None)


def _is_for(row: Row, case: Case) -> bool:
    audience, customer = row.audience, case.customer
    fits_value = audience.rfm_above < customer.rfm <= audience.rfm_max
    return fits_value and (not audience.tiers or customer.tier in audience.tiers)


def _unanswered(case: Case) -> Misfit:
    if case.reasons and NO_MONEY.issuperset(case.reasons):
        return Misfit(rule="fix_first", why="这类问题先改单解决，不用补偿")
    return Misfit(rule="no_answer", why="方案目录里没有针对该原因的补偿")


def _out(row: Row, hurdle: Hurdle, misfit: Misfit) -> Candidate:
    return Candidate(
        offer_id=row.offer_id,
        kind=row.remedy.kind,
        title=row.title,
        hurdle=hurdle,
        rule=misfit.rule,
        why=misfit.why,
        standing=row.standing,
    )


def _rank(candidate: Candidate) -> tuple[int, bool, int, int, int, str]:
    offer = candidate.offer
    if offer is None:
        # Why the published promise is not due says more than which coupon came nearest.
        telling = candidate.standing and candidate.hurdle >= Hurdle.ONCE
        return (1 - 2 * Hurdle.PASSED if telling else -2 * candidate.hurdle, True, 0, 0, 0, candidate.offer_id)
    return (
        -2 * candidate.hurdle,
        not candidate.standing,
        -offer.expected_gain_fen,
        offer.cost_fen,
        offer.reserve_fen,
        candidate.offer_id,
    )
