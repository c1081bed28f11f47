"""`tourniquet compensation`: what offers are worth, who got none, and a catalog before it goes live."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import click
from rich.console import Console

from integrations.settings import load
from retention.words import CHINA
from service.experiment_commands import evaluate, lift, needed


def _since(_: click.Context, __: click.Parameter, value: datetime | None) -> datetime:
    """Midnight of that day in China; the last 30 days unless said otherwise."""
    return datetime.now(timezone.utc) - timedelta(days=30) if value is None else value.replace(tzinfo=CHINA)


SINCE = click.option("--since", type=click.DateTime(["%Y-%m-%d"]), callback=_since, help="从哪天起；默认近 30 天")


@click.group()
def compensation() -> None:
    """补偿方案：值不值、公平不公平、改了会怎样。"""


compensation.add_command(lift)
compensation.add_command(evaluate)
compensation.add_command(needed)


@compensation.command()
@SINCE
def refused(since: datetime) -> None:
    """机器人没有给出的补偿，按原因。"""
    from service.compensation_reports import refused as report

    click.echo("\n".join(report(load(), since, datetime.now(timezone.utc))))


@compensation.command("fairness")
@SINCE
def fairness_(since: datetime) -> None:
    """各类顾客收到方案、订单留住的比例，差别超出偶然时提醒。"""
    from service.compensation_reports import fair

    click.echo("\n".join(fair(load(), since, datetime.now(timezone.utc))))


@compensation.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check_catalog(file: Path) -> None:
    """检查方案目录文件，并说明与正在使用的有什么不同。"""
    from service.catalog_check import check

    if not check(file, Console()):
        sys.exit(1)
