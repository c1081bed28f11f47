"""Which rows answer a case at all, before any fact is looked up or any money counted."""

from __future__ import annotations

from compensation.candidate import Hurdle, Stop, stop
from compensation.catalog import NO_MONEY, Authority, Consent, Row
from compensation.offer_type import Misfit
from compensation.rules import Rule
from compensation.words import GENERAL, day
from retention.case import Case
from retention.offer import AFTER_SAVE

NEEDS = {
    Authority.ASSOCIATE: "该方案只能由人工客服提供",
    Authority.MANAGER: "该方案需要主管或管理员发放",
}


def ended(case: Case) -> Misfit | None:
    if case.order.is_open:
        return None
    return Misfit(rule="ended", why="订单已经结束，没有可保留的订单")


def barred(case: Case) -> Misfit | None:
    """What forbids any decision without a person in this case."""
    if case.customer.opted_out:
        return Misfit(rule="opted_out", why="顾客拒绝自动决策，由人工客服决定")
    return ended(case)


def answers(row: Row, case: Case) -> bool:
    """Whether the row is offered for what the shopper says, or for nothing said."""
    if row.consent is Consent.AUTO:
        return False
    return any(reason in row.reasons for reason in case.reasons) if case.reasons else row.generic


def unanswered(case: Case) -> Misfit:
    """Why no row answers the case."""
    if case.reasons and NO_MONEY.issuperset(case.reasons):
        return Misfit(rule="fix_first", why="这类问题先改单解决，不用补偿")
    return Misfit(rule="no_answer", why="方案目录里没有针对该原因的补偿")


def stopped(row: Row, case: Case, by: Authority, rules: tuple[Rule, ...]) -> Stop | None:
    """The first of the plain hurdles that the row does not pass; ``rules`` are those that apply to the case."""
    if not by.covers(row.authority):
        return stop(Hurdle.AUTHORITY, "authority", NEEDS[row.authority])
    if not row.dates.include(case.now):
        return stop(Hurdle.DATES, "dates", _when(row))
    if case.order.stage not in row.stages:
        return stop(Hurdle.STAGE, "stage", "订单所处阶段不适用该方案")
    if not row.audience.has(case.customer):
        return stop(Hurdle.AUDIENCE, "audience", "该方案不面向这位顾客")
    forbidding = next((rule for rule in rules if rule.forbids(row.offer_id)), None)
    if forbidding is not None:
        return stop(Hurdle.RULES, forbidding.name, forbidding.why)
    if cause_of(row, case) is None:
        return stop(Hurdle.ONCE, "given_before", "这单已经为同一原因或用同一方案提过补偿")
    return None


def cause_of(row: Row, case: Case) -> str | None:
    """The first cause the row answers that the order has no grant for; None when nothing is left to remedy with it."""
    if any(grant.offer.offer_id == row.offer_id for grant in case.grants):
        return None
    remedied = {grant.offer.cause for grant in case.grants}
    return next((cause for cause in _causes(row, case) if cause not in remedied), None)


def _causes(row: Row, case: Case) -> list[str]:
    if row.consent is Consent.AUTO:
        return [AFTER_SAVE]
    return [reason.value for reason in case.reasons if reason in row.reasons] if case.reasons else [GENERAL]


def _when(row: Row) -> str:
    begins = f"从 {day(row.dates.begins)}起" if row.dates.begins else ""
    ends = f"到 {day(row.dates.ends)}止" if row.dates.ends else ""
    return f"该方案{begins}{ends}有效，今天不在活动期内"
