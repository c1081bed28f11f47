"""Numbers as people write them: 42, 39.9, 1k5, 两百五, 一千二, 十二, 半."""

from __future__ import annotations

import re
from decimal import Decimal

NUMERAL = r"(?:\d{1,12}(?:\.\d{1,4})?(?:[kw百千万]\d?)?|[一二两俩三仨四五六七八九十百千万零〇]{1,12}|半)"
"""A pattern for one number; lower-case text."""

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "俩": 2, "三": 3, "仨": 3, "四": 4, "五": 5}
_DIGITS |= {"六": 6, "七": 7, "八": 8, "九": 9}
_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10000, "k": 1000, "w": 10000}
_WESTERN = re.compile(r"(\d+(?:\.\d+)?)(?:([kw百千万])(\d)?)?")


def read_number(text: str) -> Decimal | None:
    """The value of a numeral; None for what is none (十百, 零零)."""
    if text == "半":
        return Decimal("0.5")
    western = _WESTERN.fullmatch(text)
    if western:
        amount, unit, tail = western.groups()
        scale = _UNITS.get(unit or "", 1)
        return Decimal(amount) * scale + Decimal(tail or 0) * scale / 10
    return _read_chinese(text)


def _read_chinese(text: str) -> Decimal | None:
    total = section = digit = 0
    last_unit = 1
    for char in text:
        if char in _DIGITS:
            if digit:
                return None  # 三四: two numbers beside each other
            digit = _DIGITS[char]
            last_unit = last_unit if digit else 1  # after 零 a last digit counts ones: 一百零五
        elif char == "万":
            total, section, digit, last_unit = (total + section + digit) * _UNITS[char], 0, 0, _UNITS[char]
        elif char in _UNITS:
            section += (digit or 1) * _UNITS[char]
            digit, last_unit = 0, _UNITS[char]
        else:
            return None
    # 两百五, 一万二: a digit after a unit stands for the next lower one
    total += section + digit * (last_unit // 10 if last_unit >= 100 else 1)
    return Decimal(total) if total else None
