"""``tourniquet compensation refused`` and ``fairness``: the reports as text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from compensation.fairness import Comparison, Fairness, fairness
from integrations.settings import Settings
from integrations.wiring import read_rows
from retention.ports import Records
from service.glossary import DIMENSIONS, MEASURES
from service.insight_views import TITLES, UNKNOWN, refusal_titles, refusal_words, since_words
from service.opened_store import opened_store

SYNTHETIC = "演示店铺的数据是合成的，不说明真实店铺。"


def refused(settings: Settings, since: datetime, until: datetime) -> Iterator[str]:
    """What was not offered, by rule, most first."""
    rows = read_rows()
    titles = refusal_titles(rows.guard, rows.catalog.rules)
    with opened_store(settings) as store, store.transaction() as records:
        counts = records.refusals.counted(since, until)
        invented = _are_invented(records, since, until, sum(count.refusals for count in counts))
    yield f"{since_words(since)} 起没有给出的补偿：{sum(count.refusals for count in counts)} 次。"
    for count in counts:
        over = f"，其中 {count.overridden} 次人工给了" if count.overridden else ""
        yield f"{count.refusals:>6} 次  {count.orders:>5} 单  {refusal_words(count.rule, titles)}（{count.rule}）{over}"
    if invented:
        yield SYNTHETIC


def _are_invented(records: Records, since: datetime, until: datetime, refusals: int) -> bool:
    """Whether any of the orders that were refused something belongs to the synthetic shop."""
    found = records.refusals.recent(since, until, limit=refusals)
    orders = records.orders.find_all({refusal.order_no for refusal in found})
    return any(order.attributes.get("synthetic") is True for order in orders.values())


def fair(settings: Settings, since: datetime, until: datetime) -> Iterator[str]:
    with opened_store(settings) as store, store.transaction() as records:
        found = fairness(records.dealings.about_orders(since, until))
    yield f"{since_words(since)} 起想走或收到方案的会话：{found.dealings} 个。"
    if found.dealings:
        yield from _dimensions(found)
        yield ""
        yield verdict(found)
        if settings.demo:
            yield SYNTHETIC


def verdict(found: Fairness) -> str:
    if found.warns:
        return "标 ! 的组在同样原因下与其他顾客的差别超出偶然（Holm 校正，总误报率 5%），请查方案目录的受众、上限和渠道设置。"
    return "没有发现超出偶然的差别；数据少的组还看不出来。"


def _dimensions(found: Fairness) -> Iterator[str]:
    for name, groups in found.dimensions.items():
        yield ""
        yield DIMENSIONS[name]
        for group in groups:
            words = UNKNOWN if group.name is None else TITLES[name].get(group.name, group.name)
            yield f"  {words}  " + "  ".join(_compared(one) for one in group.comparisons)


def _compared(one: Comparison) -> str:
    share, (low, high) = one.share, one.share.interval
    words = MEASURES[one.measure.value]
    if share.value is None:
        return f"{words} —"
    gap = "数据太少" if one.gap is None else f"同因相差 {100 * one.gap:+.1f} 个百分点"
    return f"{'!' if one.warns else ' '}{words} {share.value:.0%}（{low:.0%}–{high:.0%}，{share.yes}/{share.n}，{gap}）"
