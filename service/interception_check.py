"""``tourniquet interception check``: whether a table of rows may be put into use, and what it would change."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape

from integrations.wiring import INTERCEPTION
from policies.interception import load
from policies.interception_difference import differences
from policies.rows import PolicyError


def check(file: Path, console: Console) -> bool:
    """Print what is wrong, or what differs from the table in use; whether the file is right."""
    try:
        table = load(file)
    except PolicyError as error:
        _say(console, f"[red]✘[/red] {escape(file.name)} 有误")
        _say(console, f"  位置：{escape(error.path or '整个文件')}")
        _say(console, f"  现状：{escape(error.found)}")
        _say(console, f"  应为：{escape(error.expected)}")
        if error.remedy:
            _say(console, f"  怎么改：{escape(error.remedy)}")
        return False
    found = f"{len(table.scenarios)} 个场景，{len(table.behaviour)} 条行为规则，{len(table.rules)} 条干预规则"
    _say(console, f"[green]✔[/green] {escape(file.name)} 可用：{found}，版本 {table.version}")
    for change in differences(load(INTERCEPTION), table):
        _say(console, f"  {escape(change)}")
    return True


def _say(console: Console, words: str) -> None:
    console.print(words, highlight=False, soft_wrap=True)
