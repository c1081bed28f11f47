"""A value of the shop's files that cannot be used, as a command tells it: file, place, value, what is expected, remedy."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape

from rows.row_error import RowError


def complain(error: RowError, console: Console) -> None:
    say(console, f"[red]✘[/red] {escape(Path(error.file).name)} 有误")
    say(console, f"  位置：{escape(error.path or '整个文件')}")
    say(console, f"  现状：{escape(error.found)}")
    say(console, f"  应为：{escape(error.expected)}")
    if error.remedy:
        say(console, f"  怎么改：{escape(error.remedy)}")


def say(console: Console, words: str) -> None:
    console.print(words, highlight=False, soft_wrap=True)
