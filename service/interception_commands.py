"""`tourniquet interception`: rows before they go live, checked and tried on orders of the past."""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import click
from rich.console import Console

from integrations.settings import load
from retention.words import CHINA

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class _AlsoAsOption(click.Group):
    """``tourniquet interception --dry-run ...`` is the command ``dry-run``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if "--dry-run" in args and not any(arg in self.commands for arg in args):
            args = ["dry-run", *(arg for arg in args if arg != "--dry-run")]
        return super().parse_args(ctx, args)


@click.group(cls=_AlsoAsOption)
def interception() -> None:
    """拦截规则：改得对不对，换上会怎样。--dry-run 即 dry-run。"""


@interception.command("check")
@click.argument("file", type=FILE)
def check_rows(file: Path) -> None:
    """检查拦截规则文件，并说明与正在使用的有什么不同。"""
    from service.interception_check import check

    if not check(file, Console()):
        sys.exit(1)


@interception.command("dry-run")
@click.option("--file", type=FILE, help="还没启用的一版，和现行的并排比较；默认只看现行的。")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="从哪天下的单起，例如 2026-11-01。")
@click.option("--days", type=click.IntRange(1, 3660), help="看最近多少天下的单；默认 30。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
def dry_run_(file: Path | None, since: datetime | None, days: int | None, as_json: bool) -> None:
    """用过去的订单试运行：会拦截多少、按哪个场景哪条规则、其中多少真的流失了。什么都不会写。"""
    from service.dry_run_words import as_json as machine_readable
    from service.dry_run_words import lines, tables
    from service.trying_rows import try_rows

    if since is not None and days is not None:
        raise click.UsageError("--since 和 --days 只写一个。")
    now = datetime.now(timezone.utc)
    start = since.replace(tzinfo=CHINA) if since is not None else now - timedelta(days=days or 30)
    if start >= now:
        raise click.UsageError("--since 要是过去的一天。")
    found = try_rows(load(), file, since=start, until=now, console=Console(stderr=True))
    if as_json:
        click.echo(json.dumps(machine_readable(found), ensure_ascii=False, allow_nan=False))
        return
    console = Console()
    for table in tables(found):
        console.print(table)
    for line in lines(found):
        console.print(line, highlight=False, soft_wrap=True)
