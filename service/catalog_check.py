"""``tourniquet compensation check``: whether a catalog may be put into use, and what it would change."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape

from compensation.difference import differences
from compensation.engine import catalog_of
from compensation.reading import CatalogError
from integrations.wiring import CATALOG


def check(file: Path, console: Console) -> bool:
    """Print what is wrong, or what differs from the catalog in use; whether the file is right."""
    try:
        catalog = catalog_of(file)
    except CatalogError as error:
        _say(console, f"[red]✘[/red] {escape(file.name)} 有误")
        _say(console, f"  位置：{escape(error.path or '整个文件')}")
        _say(console, f"  现状：{escape(error.found)}")
        _say(console, f"  应为：{escape(error.expected)}")
        return False
    found = f"{len(catalog.rows)} 个方案，{len(catalog.rules)} 条规则，版本 {catalog.version}"
    _say(console, f"[green]✔[/green] {escape(file.name)} 可用：{escape(found)}")
    for change in differences(catalog_of(CATALOG), catalog):
        _say(console, f"  {escape(change)}")
    return True


def _say(console: Console, words: str) -> None:
    console.print(words, highlight=False, soft_wrap=True)
