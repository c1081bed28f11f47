"""What changed between two tables of interception rows, row by row, in Chinese for whoever runs the shop."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

from policies.behaviour import Behaviour
from policies.condition_words import parts
from policies.interception import Interception
from policies.intervening import Rule
from policies.scenario import Scenario
from retention.words import STAGE_WORDS

AFTER_A_START = "（重启对话引擎后生效）"
_ROUTE = {"understood": "听懂的下限", "escalate": "转前台的下限", "negative_intensity": "负面情绪的下限"}
_PERSON = {
    "escalate": "第一句转人工的概率",
    "surely": "之后转人工的概率",
    "missed_to_needless": "漏转与多转的代价比",
    "furious": "单句愤怒强度",
    "decay": "情绪衰减",
    "level": "情绪下限",
    "level_turns": "负面轮数",
}


class _Row(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def why(self) -> str: ...


_Some = TypeVar("_Some", bound=_Row)


def differences(old: Interception, new: Interception) -> tuple[str, ...]:
    """One sentence a change; empty when only comments, the version or ``known`` changed."""
    return (
        *_of_rows("场景", old.scenarios, new.scenarios, _scenario),
        *_of_rows("行为规则", old.behaviour, new.behaviour, _behaviour),
        *_of_rows("干预规则", old.rules, new.rules, _rule),
        *_reordered(old.rules, new.rules),
        *_changed("风险等级", _bands(old), _bands(new)),
        *_changed("方案轮数", {"上限": str(old.offer_rounds)}, {"上限": str(new.offer_rounds)}),
        *(
            f"{change}{AFTER_A_START}"
            for change in _changed("对话分流", _named(old.route, _ROUTE), _named(new.route, _ROUTE))
        ),
        *_changed("转人工", _person(old), _person(new)),
    )


def _of_rows(
    kind: str, old: Sequence[_Some], new: Sequence[_Some], flat: Callable[[_Some], Mapping[str, str]]
) -> Iterator[str]:
    before, after = {row.id: row for row in old}, {row.id: row for row in new}
    yield from (f"删除{kind}「{row.why}」（{row.id}）" for row in old if row.id not in after)
    for row in new:
        name = f"{kind}「{row.why}」（{row.id}）"
        if row.id not in before:
            said = "，".join(f"{key} {value}" for key, value in flat(row).items() if key != "理由")
            yield f"新增{name}：{said}"
        else:
            yield from _changed(name, flat(before[row.id]), flat(row))


def _reordered(old: Sequence[Rule], new: Sequence[Rule]) -> Iterator[str]:
    """The first that fits decides, so their order matters."""
    stayed = {rule.id for rule in old} & {rule.id for rule in new}
    before, after = ([rule.id for rule in rules if rule.id in stayed] for rules in (old, new))
    if before != after:
        yield f"干预规则的先后：{'、'.join(before)} → {'、'.join(after)}"


def _changed(what: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name, "无"), new.get(name, "无")
        if before != after:
            yield f"{what}的{name}：{before} → {after}"


def _scenario(row: Scenario) -> Mapping[str, str]:
    return {
        "阈值": f"{row.threshold:g}",
        "干预": row.intervention.value if row.intervention else "按干预规则",
        "优先级": str(row.priority),
        **{f"条件 {name}": value for name, value in parts(row.when).items()},
        "理由": row.why,
    }


def _behaviour(row: Behaviour) -> Mapping[str, str]:
    if row.similarity is not None:
        return {"相似度": f"{row.similarity:g}", "相似单数": str(row.count), "理由": row.why}
    hours = f"{row.within.total_seconds() / 3600:g}"
    return {"事件": str(row.event), "次数": str(row.count), "小时数": hours, "理由": row.why}


def _rule(row: Rule) -> Mapping[str, str]:
    conditions = {
        "来意": _listed(row.goal),
        "原因": _listed({reason.value for reason in row.reasons} if row.reasons else None),
        "阶段": _listed({STAGE_WORDS[stage] for stage in row.stages} if row.stages else None),
        "拦截": "不限" if row.intercept is None else "是" if row.intercept else "否",
        "晚到小时数": "不限" if row.late_hours is None else f"{row.late_hours:g}",
    }
    return {"干预": row.then.value, **conditions, "理由": row.why}


def _listed(words: set[str] | frozenset[str] | None) -> str:
    return "、".join(sorted(words)) if words else "不限"


def _bands(table: Interception) -> Mapping[str, str]:
    return {band.value: f"{least:g}" for band, least in table.bands}


def _named(of: object, names: Mapping[str, str]) -> Mapping[str, str]:
    return {title: f"{getattr(of, name):g}" for name, title in names.items()}


def _person(table: Interception) -> Mapping[str, str]:
    words = {f"{rule} 的说法": pattern.pattern for rule, pattern in table.person.words}
    return {**_named(table.person, _PERSON), **words}
