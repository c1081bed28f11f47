"""What changed between two catalogs, row by row, in Chinese for whoever runs the shop."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum

from compensation.catalog import Catalog, Row
from compensation.experiment import Experiment
from compensation.rules import Rule
from compensation.words import china_date, day, yuan

_WORDS: Mapping[str, str] = {
    "title": "名称",
    "reasons": "适用原因",
    "generic": "没有原因时也提供",
    "standing": "公开承诺",
    "stages": "适用阶段",
    "rfm_above": "RFM 高于",
    "rfm_max": "RFM 至多",
    "tiers": "会员等级",
    "per_order_fen": "每单上限",
    "per_customer_fen": "每位顾客上限",
    "per_day_fen": "每天上限",
    "per_campaign_fen": "活动上限",
    "campaign_from": "活动起算日",
    "window_days": "统计天数",
    "kept": "预计挽留率",
    "consent": "是否询问顾客",
    "authority": "发放权限",
    "expires_hours": "有效小时数",
    "pitch": "话术",
    "why": "理由",
    "begins": "开始日期",
    "ends": "结束日期",
    "nodes": "风险节点",
    "order_margin_share": "本单毛利占比",
    "customer_cap_fen": "每位顾客上限",
    "categories": "品类",
    "regions": "地区",
    "channels": "渠道",
    "order_above_fen": "订单金额高于",
    "promotion": "是否活动订单",
    "deny": "不补偿",
    "only": "只限方案",
    "cap_fen": "顾客上限",
    "order_cap_fen": "本单上限",
    "cap_margin_share": "本单毛利占比上限",
}


def differences(old: Catalog, new: Catalog) -> tuple[str, ...]:
    """One sentence a change; empty when only comments or the version changed."""
    return (
        *changed("总上限", _flat(old.caps), _flat(new.caps)),
        *changed("实验", _of_experiment(old.experiment), _of_experiment(new.experiment)),
        *_of_rows("方案", {row.offer_id: row for row in old.rows}, {row.offer_id: row for row in new.rows}, _row_name),
        *_of_rows("规则", {rule.rule_id: rule for rule in old.rules}, {rule.rule_id: rule for rule in new.rules}, _why),
        *_of_budgets(old.budgets, new.budgets),
    )


def _of_rows(
    kind: str, old: Mapping[str, object], new: Mapping[str, object], name: Callable[[object], str]
) -> Iterator[str]:
    yield from (f"删除{kind}「{name(old[key])}」（{key}）" for key in old if key not in new)
    for key, value in new.items():
        if key not in old:
            yield f"新增{kind}「{name(value)}」（{key}）"
        else:
            yield from changed(f"{kind}「{name(value)}」（{key}）", _flat(old[key]), _flat(value))


def _of_budgets(old: Mapping[str, int], new: Mapping[str, int]) -> Iterator[str]:
    yield from (f"不再使用预算 {key}" for key in old if key not in new)
    for key, cap_fen in new.items():
        if key not in old:
            yield f"新增预算 {key}：{yuan(cap_fen)}"
        elif old[key] != cap_fen:
            yield f"预算 {key}：{yuan(old[key])} → {yuan(cap_fen)}"


def _of_experiment(experiment: Experiment) -> Mapping[str, str]:
    tried = experiment.challenger
    return {
        "留白比例": f"{experiment.hold_out:.1%}",
        "抽选用的盐": f"“{experiment.salt}”",
        "结算天数": str(experiment.settle_days),
        "试行目录": f"{tried.name}（{tried.file}，{tried.share:.1%} 的顾客）" if tried else "无",
    }


def changed(what: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    """One sentence for each name whose value differs."""
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name, "无"), new.get(name, "无")
        if before != after:
            yield f"{what}的{name}：{before} → {after}"


def _flat(value: object, *, of_remedy: bool = False) -> Mapping[str, str]:
    """Name in Chinese -> value as a person reads it; a remedy's own parameters keep their names."""
    flat: dict[str, str] = {}
    for field in fields(value):  # type: ignore[arg-type]
        inner = getattr(value, field.name)
        if field.name == "remedy":
            flat.update({"类型": inner.kind, **_flat(inner, of_remedy=True)})
        elif field.name == "budget":
            flat["预算"] = inner.budget_id
        elif is_dataclass(inner):
            flat.update(_flat(inner, of_remedy=of_remedy))
        elif field.name not in ("offer_id", "rule_id"):
            name = f"参数 {field.name}" if of_remedy else _WORDS[field.name]
            flat[name] = _shown(field.name, inner)
    return flat


def _shown(name: str, value: object) -> str:
    if value is None or value == () or value == frozenset() or (isinstance(value, float) and math.isinf(value)):
        return "不限"
    if isinstance(value, bool):
        return "是" if value else "否"
    if name.endswith("_fen") and isinstance(value, int):
        return yuan(value)
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, datetime):
        return day(china_date(value))
    if isinstance(value, date):
        return day(value)
    if isinstance(value, (tuple, frozenset)):
        shown = [_shown(name, each) for each in value]
        return "、".join(sorted(shown) if isinstance(value, frozenset) else shown)
    return f"“{value}”" if isinstance(value, str) else str(value)


def _row_name(row: object) -> str:
    assert isinstance(row, Row)
    return row.title


def _why(rule: object) -> str:
    assert isinstance(rule, Rule)
    return rule.why
