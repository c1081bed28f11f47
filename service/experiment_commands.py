"""``tourniquet compensation lift | evaluate | sample-size``: what the experiment says, and what it takes to say more."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import click

from integrations.settings import load
from retention.words import CHINA

GROUPINGS = ("offer", "reason", "tier", "variant")


def _in_china(_: click.Context, __: click.Parameter, value: datetime | None) -> datetime | None:
    return value and value.replace(tzinfo=CHINA)


since_option = click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), callback=_in_china, help="从哪天起，例如 2026-08-01；默认全部。"
)
json_option = click.option("--json", "as_json", is_flag=True, help="输出 JSON。")


@click.command()
@since_option
@click.option("--by", type=click.Choice(GROUPINGS), default="offer", show_default=True)
@json_option
def lift(since: datetime | None, by: str, as_json: bool) -> None:
    """补偿到底改变了什么：和没给补偿的留白组比，只算已过退货期的订单。"""
    from compensation.lift_report import By
    from integrations.codec import encode
    from integrations.wiring import read_rows
    from service.experiment_words import lift_lines
    from service.experiments import lift_of
    from service.opened_store import opened_store

    with opened_store(load()) as store:
        found = lift_of(store, by=By(by), since=since)
    _print(encode(found), lift_lines(found, read_rows().catalog.titles), as_json=as_json)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@since_option
@json_option
def evaluate(file: Path, since: datetime | None, as_json: bool) -> None:
    """改过的方案目录上线前，用已有日志估计它值多少；依据不够时不给数字。"""
    from compensation.replay import Refusal
    from integrations.codec import encode
    from service.experiment_words import evaluation_lines
    from service.experiments import evaluate_file
    from service.opened_store import opened_store

    with opened_store(load()) as store:
        found = evaluate_file(store, file, since=since)
    if isinstance(found, Refusal):
        _print({"enough": False, **encode(found)}, [f"{found.why}。"], as_json=as_json)
        sys.exit(1)
    _print({"enough": True, **encode(found)}, evaluation_lines(found), as_json=as_json)


@click.command("sample-size")
@click.option("--kept", type=click.FloatRange(0, 1), required=True, help="不给补偿时留住的比例，例如 0.4。")
@click.option("--lift", "difference", type=float, required=True, help="想看出的差别，例如 0.05 即 5 个百分点。")
@click.option(
    "--hold-out", type=click.FloatRange(0, 1), help="留白比例；默认是 TOURNIQUET_HOLD_OUT，没有设就是方案目录里的。"
)
@click.option("--power", type=click.FloatRange(0, 1), default=0.8, show_default=True, help="有差别时看得出来的把握。")
@click.option("--per-day", type=click.FloatRange(0, min_open=True), help="每天有多少位会收到方案的顾客。")
def needed(kept: float, difference: float, hold_out: float | None, power: float, per_day: float | None) -> None:
    """要多少位顾客才看得出这样的差别。"""
    from compensation.lift import sample_size
    from integrations.wiring import experiment_of, read_rows

    share = experiment_of(load(), read_rows().catalog).hold_out if hold_out is None else hold_out
    try:
        customers = sample_size(kept=kept, lift=difference, hold_out=share, power=power)
    except ValueError as impossible:
        raise click.UsageError(
            "比例都要在 0 到 1 之间，留白比例和把握不能是 0 或 1，差别不能是 0，两者相加也不能超出 0 到 1。"
        ) from impossible
    days = f"，约 {math.ceil(customers / per_day)} 天（另加退货期）" if per_day else ""
    click.echo(f"需要 {customers} 位顾客，其中约 {round(customers * share)} 位不给补偿{days}。")


def _print(found: object, lines: Iterable[str], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, allow_nan=False))
        return
    for line in lines:
        click.echo(line)
