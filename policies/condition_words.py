"""A condition in Chinese, for whoever edits the rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from policies.condition import ANY_PROMOTION, ENDLESS_FEN, Condition
from policies.days import hours_words
from policies.regions import PROVINCES, Region
from retention.words import STAGE_WORDS, yuan

NO_CONDITION = "任何订单"


def parts(condition: Condition) -> Mapping[str, str]:
    """What is asked of -> what it must be; only what the condition speaks of."""
    named: dict[str, str] = {}
    if condition.promotions is not None:
        named["促销"] = "任何促销" if condition.promotions == ANY_PROMOTION else _listed(condition.promotions)
    if condition.categories is not None:
        named["品类"] = _listed("/".join(path) for path in condition.categories)
    if condition.regions is not None:
        named["地区"] = _listed(map(_region, condition.regions))
    if condition.paid_fen is not None:
        named["订单金额"] = _amounts(condition.paid_fen)
    if condition.days is not None:
        named["日期"] = condition.days.words
    if condition.hours is not None:
        named["时段"] = hours_words(condition.hours)
    if condition.tiers is not None:
        named["会员等级"] = _listed(condition.tiers)
    if condition.channels is not None:
        named["渠道"] = _listed(condition.channels)
    if condition.stages is not None:
        named["阶段"] = _listed(STAGE_WORDS[stage] for stage in condition.stages)
    return named


def in_words(condition: Condition) -> str:
    """
    >>> in_words(Condition(promotions=ANY_PROMOTION, hours=frozenset({22, 23, 0})))
    '促销 任何促销，时段 22 点到 1 点'
    """
    return "，".join(f"{name} {value}" for name, value in parts(condition).items()) or NO_CONDITION


def _listed(words: Iterable[str]) -> str:
    return "、".join(sorted(words))


def _region(region: Region) -> str:
    return "/".join((PROVINCES.get(region[0], region[0]), *region[1:]))


def _amounts(paid_fen: range) -> str:
    if paid_fen.stop == ENDLESS_FEN:
        return f"{yuan(paid_fen.start)}起"
    return f"{yuan(paid_fen.start)}起，不满 {yuan(paid_fen.stop)}"
