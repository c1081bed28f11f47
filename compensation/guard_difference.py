"""What changed between two guards, row by row, in Chinese for whoever runs the shop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields

from compensation.difference import changed
from compensation.guard import Guard, GuardRow
from compensation.guard_rule import Counts
from retention.kin import TieKind

TIES: Mapping[TieKind, str] = {TieKind.DEVICE: "设备", TieKind.PHONE: "电话", TieKind.ADDRESS: "地址"}
COUNTS: Mapping[Counts, str] = {Counts.MADE: "提出过的", Counts.TAKEN: "领过的"}
KINDS: Mapping[str, str] = {
    "fresh_order": "刚下单",
    "repeated_leaving": "多次想走",
    "accounts": "多个账号",
    "offers": "方案数量",
}
NAMES: Mapping[str, str] = {
    "minutes": "分钟数",
    "times": "次数",
    "days": "天数",
    "ties": "关联",
    "others": "其他账号数",
    "counts": "计数",
    "most": "方案数",
}


def differences(old: Guard, new: Guard) -> tuple[str, ...]:
    """One sentence a change; empty when only comments or the version changed."""
    return (
        *changed("回看", {"天数": str(old.window.days)}, {"天数": str(new.window.days)}),
        *changed("人数上限", _crowd(old), _crowd(new)),
        *_of_rows({row.row_id: row for row in old.rows}, {row.row_id: row for row in new.rows}),
        *_order(old, new),
    )


def _of_rows(old: Mapping[str, GuardRow], new: Mapping[str, GuardRow]) -> Iterator[str]:
    yield from (f"删除规则「{old[key].title}」（{key}）" for key in old if key not in new)
    for key, row in new.items():
        if key in old:
            yield from changed(f"规则「{row.title}」（{key}）", _flat(old[key]), _flat(row))
        else:
            yield f"新增规则「{row.title}」（{key}）"


def _order(old: Guard, new: Guard) -> Iterator[str]:
    """The first row that fits names the refusal."""
    before, after = [row.row_id for row in old.rows], [row.row_id for row in new.rows]
    kept = [key for key in before if key in after]
    if kept != [key for key in after if key in before]:
        yield f"规则顺序：{'、'.join(before)} → {'、'.join(after)}"


def _crowd(guard: Guard) -> Mapping[str, str]:
    return {TIES[kind]: str(most) for kind, most in guard.crowd.items()}


def _flat(row: GuardRow) -> Mapping[str, str]:
    parameters = {NAMES[field.name]: _shown(getattr(row.rule, field.name)) for field in fields(row.rule)}
    return {
        "名称": f"“{row.title}”",
        "类型": KINDS[row.rule.kind],
        **parameters,
        "方案类型": "、".join(sorted(row.kinds)) or "不限",
        "理由": f"“{row.why}”",
    }


def _shown(value: object) -> str:
    if isinstance(value, frozenset):
        return "、".join(words for kind, words in TIES.items() if kind in value)
    return COUNTS[value] if isinstance(value, Counts) else str(value)
