"""``tourniquet interception check``: whether a table of rows may be put into use, and what it would change."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape

from integrations.wiring import INTERCEPTION
from policies.interception import load
from policies.interception_difference import differences
from policies.rows import PolicyError
from service.row_complaint import complain, say


def check(file: Path, console: Console) -> bool:
    """Print what is wrong, or what differs from the table in use; whether the file is right."""
    try:
        table = load(file)
    except PolicyError as error:
        complain(error, console)
        return False
    found = f"{len(table.scenarios)} 个场景，{len(table.behaviour)} 条行为规则，{len(table.rules)} 条干预规则"
    say(console, f"[green]✔[/green] {escape(file.name)} 可用：{found}，版本 {table.version}")
    for change in differences(load(INTERCEPTION), table):
        say(console, f"  {escape(change)}")
    return True
