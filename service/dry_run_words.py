"""A dry run as an operator reads it, and as a machine does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rich.table import Table

from retention.words import CHINA, percent
from service.dry_run import Comparison, DryRun, Fate, Group

NOW, NEW = "现行", "新"


def tables(found: Comparison) -> Iterator[Table]:
    runs = {NOW: found.now, **({NEW: found.new} if found.new else {})}
    yield _totals(found, runs)
    yield _groups("按场景", "场景", {name: run.by_scenario for name, run in runs.items()}, with_orders=True)
    yield _groups("按规则", "规则", {name: run.by_rule for name, run in runs.items()}, with_orders=False)


def lines(found: Comparison) -> Iterator[str]:
    if found.new is not None:
        yield f"换成新的一版：多拦截 {found.more} 单，少拦截 {found.fewer} 单。"
    yield "每单只在一个时刻看一次，实际运行时每有新动态都会再看，拦截数只会更多。"
    if found.now.orders[Fate.OPEN]:
        yield f"有 {found.now.orders[Fate.OPEN]} 单还没有结果，之后仍可能流失，所以命中率是下限。"


def as_json(found: Comparison) -> Mapping[str, Any]:
    runs = {"now": found.now, **({"new": found.new} if found.new else {})}
    return {
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "model_version": found.model_version,
        "more": found.more,
        "fewer": found.fewer,
        **{name: _run(run) for name, run in runs.items()},
    }


def _run(run: DryRun) -> Mapping[str, Any]:
    return {
        "version": run.version,
        "orders": _counts(run.orders),
        "intercepted": _counts(run.intercepted),
        "a_day": run.a_day,
        "precision": run.precision,
        "recall": run.recall,
        "by_scenario": [_group(group) for group in run.by_scenario],
        "by_rule": [{key: value for key, value in _group(group).items() if key != "orders"} for group in run.by_rule],
    }


def _group(group: Group) -> Mapping[str, Any]:
    counts = {"orders": _counts(group.orders), "intercepted": _counts(group.intercepted)}
    return {"id": group.id, "why": group.why, **counts}


def _counts(by_fate: Mapping[Fate, int]) -> Mapping[str, int]:
    return {"all": sum(by_fate.values()), **{fate.value: by_fate.get(fate, 0) for fate in Fate}}


def _totals(found: Comparison, runs: Mapping[str, DryRun]) -> Table:
    first, last = (at.astimezone(CHINA).strftime("%Y-%m-%d") for at in (found.since, found.until))
    table = Table("", *runs, title=f"拦截试运行：{first} 到 {last} 的订单，风险模型 {found.model_version}")
    for column in table.columns[1:]:
        column.justify = "right"
    rows: Mapping[str, Callable[[DryRun], str]] = {
        "版本": lambda run: run.version,
        "看过的订单": lambda run: _said(run.orders),
        "其中已流失": lambda run: str(run.orders[Fate.LOST]),
        "会拦截": lambda run: _said(run.intercepted),
        "每天拦截": lambda run: f"{run.a_day:.1f}",
        "拦截后仍流失": lambda run: str(run.intercepted[Fate.LOST]),
        "拦截后留住": lambda run: str(run.intercepted[Fate.KEPT]),
        "拦截后未有结果": lambda run: str(run.intercepted[Fate.OPEN]),
        "命中率（拦截里流失的）": lambda run: _percent(run.precision),
        "覆盖率（流失里拦到的）": lambda run: _percent(run.recall),
    }
    for title, read in rows.items():
        table.add_row(title, *(read(run) for run in runs.values()))
    return table


def _groups(title: str, what: str, runs: Mapping[str, tuple[Group, ...]], *, with_orders: bool) -> Table:
    columns = ("订单", "拦截", "流失") if with_orders else ("拦截", "流失")
    table = Table(what, "说明", *(f"{run}\n{column}" for run in runs for column in columns), title=title)
    table.columns[0].no_wrap = True
    for column in table.columns[2:]:
        column.justify = "right"
    by_id = {name: {group.id: group for group in groups} for name, groups in runs.items()}
    for group in {group.id: group for groups in runs.values() for group in groups}.values():
        cells = [_cells(by_id[name].get(group.id), with_orders=with_orders) for name in runs]
        table.add_row(group.id, group.why, *(cell for each in cells for cell in each))
    return table


def _cells(group: Group | None, *, with_orders: bool) -> list[str]:
    """A dash where a table has no such row."""
    if group is None:
        return ["-"] * (3 if with_orders else 2)
    counts = [_said(group.intercepted), str(group.intercepted.get(Fate.LOST, 0))]
    return [_said(group.orders), *counts] if with_orders else counts


def _said(by_fate: Mapping[Fate, int]) -> str:
    return str(sum(by_fate.values()))


def _percent(share: float | None) -> str:
    return "-" if share is None else percent(share)
