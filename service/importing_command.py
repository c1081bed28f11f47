"""`tourniquet import`: progress while it runs, and afterwards what was written and what was not."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from integrations.settings import load
from retention.errors import StoreBusyError
from service.importing.kinds import KINDS
from service.importing.run import Imported, Standing, check_file, import_file
from service.importing.run import Progress as Told

REJECTED = 3
"""Exit status when lines were not imported: neither all well (0) nor a file that cannot be read (1)."""

AGAIN = "已写入的都在；再运行同一条命令，会从断处接着导入。"


@click.command("import")
@click.argument("what", type=click.Choice(list(KINDS)))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--check", "only_check", is_flag=True, help="只检查，什么都不写。")
def import_(what: str, file: Path, only_check: bool) -> None:
    """导入 CSV、JSONL（都可以是 .gz）或 Parquet 文件。

    合格的行写入，不合格的行连同原因另存一个文件，改好后单独导入。中断后再运行同一条命令，从断处接着导入。
    退出码：0 全部合格，1 文件用不了，3 有不合格的行。
    """
    with _shown(file.name) as told:
        try:
            done = (
                check_file(what, file, progress=told) if only_check else import_file(load(), what, file, progress=told)
            )
        except KeyboardInterrupt:
            click.echo(f"已中断。{AGAIN}", err=True)
            sys.exit(130)
        except StoreBusyError as busy:
            raise click.ClickException(f"数据库正忙或连不上。{AGAIN}") from busy
    click.echo("\n".join(_report(what, file, done, only_check=only_check)))
    if done.standing.rejected:
        sys.exit(REJECTED)


def _report(what: str, file: Path, done: Imported, *, only_check: bool) -> Iterator[str]:
    now = done.standing
    if now.resumed_at:
        yield f"上次到第 {now.resumed_at:,} 行，从那里接着导入。"
    fine = f"合格 {now.written:,} 行，什么都没有写" if only_check else f"写入 {now.written:,} 行"
    yield f"{file.name}（{done.words}）：读到 {now.read:,} 行，{fine}。"
    if not now.rejected:
        return
    for reject in done.first:
        for wrong in reject.errors:
            yield f"  第 {reject.line:,} 行{f' {wrong.field}' if wrong.field else ''}：{wrong.reason}"
    if now.rejected > len(done.first):
        yield f"  ……共 {now.rejected:,} 行不合格"
    if done.reject_file:
        yield f"{now.rejected:,} 行没有写入，原样留在 {done.reject_file}，改好 row 后单独导入："
        yield f"  tourniquet import {what} {done.reject_file}"


@contextmanager
def _shown(name: str) -> Iterator[Told]:
    """On standard error, so that the report alone can be kept; nothing where nobody watches."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        TaskProgressColumn(),
        TextColumn("{task.fields[lines]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(f"{name}：核对文件", total=1.0, lines="")
        begin: list[Standing] = []

        def told(now: Standing) -> None:
            if not begin:
                begin.append(now)
                bar.reset(task, total=1.0)  # the time counts from here
            seconds = bar.tasks[0].elapsed or 0.0
            rate = (now.read - begin[0].read) / seconds if seconds else 0.0
            lines = f"{now.read:,} 行，不合格 {now.rejected:,}，每秒 {rate:,.0f} 行，还要"
            bar.update(task, completed=now.share, description=name, lines=lines)

        yield told
