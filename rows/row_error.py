"""What is wrong with a value of the shop's files: the file, the path, the value, what is expected and what to do.

Whoever edits the files reads it, so it is in Chinese.
"""

from __future__ import annotations

import reprlib
from collections.abc import Iterable
from difflib import get_close_matches

_SHOWN = reprlib.Repr()
_SHOWN.maxstring = _SHOWN.maxother = 80
QUOTE = "数字和日期也要加引号"
"""What to do about a value of YAML that was meant as text."""


class RowError(ValueError):
    """``path`` is as written in YAML, for example ``rows[3].budget.cap_yuan``; empty for the whole file. ``remedy`` is what
    to do about it, where more can be said than ``expected``. Every kind of file has a class of its own.
    """

    def __init__(self, file: str, path: str, value: object, expected: str, remedy: str = "") -> None:
        found = "没有写" if value is None else f"现为 {shown(value)}"
        super().__init__(f"{file}：{path or '整个文件'} {found}，应为{expected}" + (f"。{remedy}" if remedy else ""))
        self.file = file
        self.path = path
        self.value = value
        self.found = found
        self.expected = expected
        self.remedy = remedy


def shown(value: object) -> str:
    """A value as a message can bear it."""
    try:
        return _SHOWN.repr(value)
    except ValueError:  # Python refuses to print whole numbers of thousands of digits
        return "一个长得写不下的数"


def meant(value: object, known: Iterable[str]) -> str:
    """Which of the known words a misspelt one may stand for, as a remedy; empty when none is near."""
    near = get_close_matches(value, list(known), n=1) if isinstance(value, str) else []
    return f"是不是想写 {near[0]}？" if near else ""
