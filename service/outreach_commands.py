"""``tourniquet outreach``: whom the shop stepped in for before they asked, and whether it kept orders."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import click

from integrations.settings import load
from service.experiment_commands import json_option, since_option

if TYPE_CHECKING:
    from service.outreach_report import ArmCount, OutreachReport

STATES: Mapping[str, str] = {
    "waiting": "待处理",
    "sent": "已发消息",
    "answered": "已发消息且顾客回复",
    "tasked": "交给人工联系",
    "held_out": "留白",
    "skipped": "没有联系",
}
WHYS: Mapping[str, str] = {
    "off": "主动关怀已关闭",
    "order_over": "订单已结束",
    "nobody": "不知道是谁的订单",
    "opted_out": "顾客不想被联系",
    "stage": "订单阶段不在范围内",
    "cap_order": "这单已联系过",
    "cap_customer": "这位顾客近期已联系够次数",
}


@click.command()
@since_option
@json_option
def outreach(since: datetime | None, as_json: bool) -> None:
    """主动关怀做了什么、留住了多少：和留白的订单比，只算已有结果的。"""
    from integrations.codec import encode
    from integrations.wiring import read_rows
    from service.opened_store import opened_store
    from service.outreach_report import report

    with opened_store(load()) as store:
        window = read_rows().catalog.experiment.window
        found = report(store, since=since, window=window, now=datetime.now(timezone.utc))
    if as_json:
        click.echo(json.dumps(encode(found), ensure_ascii=False, allow_nan=False))
        return
    for line in lines(found):
        click.echo(line)


def lines(found: OutreachReport) -> Iterator[str]:
    yield f"有流失风险的订单 {found.episodes} 笔次：{_listed(found.states, STATES)}"
    if found.skipped:
        yield f"一开始就不联系的：{_listed(found.skipped, WHYS)}"
    yield f"联系组：{_arm(found.reached)}"
    yield f"留白组：{_arm(found.held_out)}"
    if found.lift is None or found.interval is None:
        yield "两组都要有 30 笔以上已有结果的订单才比得出来，现在不下结论。"
    else:
        low, high = (bound * 100 for bound in found.interval)
        yield f"主动关怀多留住 {found.lift * 100:+.1f} 个百分点（95% 区间 {low:+.1f} 到 {high:+.1f}）"
    if found.synthetic:
        yield f"注意：其中 {found.synthetic} 笔次来自演示店铺，是合成数据，不是真实效果。"


def _listed(counts: Mapping[str, int], words: Mapping[str, str]) -> str:
    return "，".join(f"{words.get(key, key)} {count}" for key, count in sorted(counts.items())) or "没有"


def _arm(arm: ArmCount) -> str:
    share = f"，留住 {arm.kept / arm.settled:.1%}" if arm.settled else ""
    return f"{arm.orders} 笔，已有结果 {arm.settled} 笔{share}"
