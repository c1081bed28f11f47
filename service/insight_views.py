"""What the dashboard, the API and the command line tell of money, refusals and fairness: one place, plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from compensation.fairness import Comparison, Fairness, Group
from compensation.guard import PREFIX, Guard
from compensation.rules import PREFIX as RULE_PREFIX
from compensation.rules import Rule
from integrations.codec import encode
from retention.dealing import Given
from retention.offer import ACTIVE, Budget, GrantState
from retention.ports import Ledger
from retention.refusal import Refusal, RefusalCount
from retention.words import CHINA
from service.glossary import BUDGETS, CHANNELS, REFUSALS, TENURES, TIERS

TAKEN = ACTIVE - {GrantState.PROPOSED}
TITLES: Mapping[str, Mapping[str, str]] = {"tier": TIERS, "channel": CHANNELS, "tenure": TENURES, "province": {}}
UNKNOWN = "不详"


def budget_views(ledger: Ledger, budget_ids: Iterable[str]) -> list[dict[str, Any]]:
    """The fullest first; not those of offers that cost nothing."""
    found = [budget for each in budget_ids if (budget := ledger.budget(each)) is not None]
    with_money = [budget for budget in found if budget.cap_fen or budget.used_fen or budget.reserved_fen]
    return [_budget_view(budget) for budget in sorted(with_money, key=_fullness, reverse=True)]


def offer_views(given: Sequence[Given]) -> list[dict[str, Any]]:
    """By offer, what it cost most first; amounts are of the grants that were taken and stand."""
    views = []
    for offer_id in dict.fromkeys(one.offer_id for one in given):
        rows = [one for one in given if one.offer_id == offer_id]
        count = {state: sum(one.grants for one in rows if one.state is state) for state in GrantState}
        taken = [one for one in rows if one.state in TAKEN]
        views.append(
            {
                "offer_id": offer_id,
                "title": rows[0].title,
                "made": sum(count.values()),
                "taken": sum(one.grants for one in taken),
                "open": count[GrantState.PROPOSED],
                "declined": count[GrantState.DECLINED],
                "expired": count[GrantState.EXPIRED],
                "reversed": count[GrantState.REVERSED],
                "value_fen": sum(one.value_fen for one in taken),
                "cost_fen": sum(one.cost_fen for one in taken),
            }
        )
    return sorted(views, key=lambda view: (-view["cost_fen"], -view["made"], view["offer_id"]))


def refusal_titles(guard: Guard, rules: Iterable[Rule]) -> Mapping[str, str]:
    """What the shop calls the rules that can refuse: the engine's, its catalog's and the guard's."""
    return {
        **REFUSALS,
        **{rule.name: _rule_title(rule) for rule in rules},
        **{row.name: row.title for row in guard.rows},
    }


def refusal_words(rule: str, titles: Mapping[str, str]) -> str:
    """A refusal may outlive its rule."""
    if rule in titles:
        return titles[rule]
    return f"已撤下的规则（{rule}）" if rule.startswith((PREFIX, RULE_PREFIX)) else rule


def refusal_count_view(count: RefusalCount, titles: Mapping[str, str]) -> dict[str, Any]:
    return {**encode(count), "words": refusal_words(count.rule, titles)}


def refusal_view(refusal: Refusal, titles: Mapping[str, str]) -> dict[str, Any]:
    """Without the customer."""
    return {
        "at": encode(refusal.at),
        "order_no": refusal.order_no,
        "conversation_id": refusal.conversation_id,
        "rule": refusal.rule,
        "words": refusal_words(refusal.rule, titles),
        "why": refusal.why,
        "overridden_by": refusal.overridden_by,
    }


def fairness_view(found: Fairness) -> dict[str, Any]:
    return {
        "dealings": found.dealings,
        "warns": found.warns,
        "dimensions": [
            {"name": name, "groups": [_group_view(group, TITLES[name]) for group in groups]}
            for name, groups in found.dimensions.items()
        ],
    }


def since_words(since: datetime) -> str:
    return f"{since.astimezone(CHINA):%Y-%m-%d %H:%M}"


def _rule_title(rule: Rule) -> str:
    return rule.why if rule.deny or rule.only is not None else f"{rule.why}：到上限"


def _budget_view(budget: Budget) -> dict[str, Any]:
    return {**encode(budget), "left_fen": budget.left_fen, "title": BUDGETS.get(budget.budget_id, budget.budget_id)}


def _fullness(budget: Budget) -> float:
    return (budget.used_fen + budget.reserved_fen) / budget.cap_fen if budget.cap_fen else 1.0


def _group_view(group: Group, titles: Mapping[str, str]) -> dict[str, Any]:
    words = UNKNOWN if group.name is None else titles.get(group.name, group.name)
    return {
        "name": group.name,
        "words": words,
        **{one.measure.value: _comparison_view(one) for one in group.comparisons},
    }


def _comparison_view(one: Comparison) -> dict[str, Any]:
    low, high = one.share.interval
    return {
        "yes": one.share.yes,
        "n": one.share.n,
        "share": one.share.value,
        "low": low,
        "high": high,
        "gap": one.gap,
        "p": one.p,
        "warns": one.warns,
    }
