"""What a changed catalog is said to change."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from compensation.catalog import Catalog, parse_catalog
from compensation.difference import differences
from tests.unit.compensation_cases import CATALOG

SHIPPED: dict[str, Any] = json.loads(json.dumps(yaml.safe_load(CATALOG.read_text(encoding="utf-8"))))
POINTS = "方案「赠送积分」（points）"


def read(value: dict[str, Any]) -> Catalog:
    return parse_catalog(value, file="catalog.yml", digest="d")


def changed(change: Callable[[dict[str, Any]], object]) -> tuple[str, ...]:
    after = json.loads(json.dumps(SHIPPED))
    change(after)
    return differences(read(SHIPPED), read(after))


def row(catalog: dict[str, Any], offer_id: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in catalog["rows"] if each["id"] == offer_id)
    return found


def test_the_same_rows_under_another_version_differ_in_nothing() -> None:
    assert changed(lambda catalog: catalog.update(version="3")) == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda c: row(c, "points")["caps"].update(per_order_yuan=8), f"{POINTS}的每单上限：5 元 → 8 元"),
        (lambda c: row(c, "points")["parameters"].update(points=600), f"{POINTS}的参数 points：500 → 600"),
        (lambda c: row(c, "points")["caps"].update(per_day_yuan=90), f"{POINTS}的每天上限：不限 → 90 元"),
        (lambda c: row(c, "points").update(authority="manager"), f"{POINTS}的发放权限：bot → manager"),
        (lambda c: row(c, "points").update(generic=False), f"{POINTS}的没有原因时也提供：是 → 否"),
        (
            lambda c: row(c, "points").update(reasons=["other"]),
            f"{POINTS}的适用原因：changed_mind、service、other → other",
        ),
        (lambda c: row(c, "points").update(dates={"until": "2026-11-11"}), f"{POINTS}的结束日期：不限 → 11 月 11 日"),
        (lambda c: row(c, "points")["budget"].update(cap_yuan=100), "预算 points：5000 元 → 100 元"),
        (lambda c: c["rows"].remove(row(c, "expedite")), "删除方案「加急催办加 5 元补偿」（expedite）"),
        (lambda c: c["rules"].pop(0), "删除规则「普通顾客近期补偿」（everyday_customers）"),
        (
            lambda c: c["rules"][0]["then"].update(cap_yuan=200),
            "规则「普通顾客近期补偿」（everyday_customers）的顾客上限：300 元 → 200 元",
        ),
        (lambda c: c["caps"].update(order_margin_share=0.4), "总上限的本单毛利占比：0.5 → 0.4"),
        (lambda c: c["experiment"].update(hold_out=0.1), "实验的留白比例：5.0% → 10.0%"),
        (
            lambda c: c["experiment"].update(challenger={"name": "spring", "file": "s.yml", "share": 0.2}),
            "实验的试行目录：无 → spring（s.yml，20.0% 的顾客）",
        ),
    ],
)
def test_one_change_is_one_sentence(change: Callable[[dict[str, Any]], object], said: str) -> None:
    assert changed(change) == (said,)


def test_a_new_row_on_a_new_budget_is_two_sentences() -> None:
    def add(catalog: dict[str, Any]) -> None:
        named = {"id": "more_points", "title": "更多积分", "budget": {"id": "more", "cap_yuan": 10}}
        catalog["rows"].append({**row(catalog, "points"), **named})

    assert changed(add) == ("新增方案「更多积分」（more_points）", "新增预算 more：10 元")


@pytest.mark.parametrize("offered", SHIPPED["rows"], ids=lambda each: each["id"])
def test_every_value_of_every_shipped_row_can_be_compared(offered: dict[str, Any]) -> None:
    caps = {"version": "1", "caps": SHIPPED["caps"]}
    renamed = {**offered, "title": "别的"}
    said = differences(read({**caps, "rows": [offered]}), read({**caps, "rows": [renamed]}))
    assert said == (f"方案「别的」（{offered['id']}）的名称：“{offered['title']}” → “别的”",)
