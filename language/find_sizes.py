"""Sizes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from re import Match, Pattern

from language.mentions import Mention
from language.names import any_of, names
from language.wish import is_wanted
from retention.hearing import EntityKind

_RELATIVE = re.compile(
    r"(?P<lean>偏|买|拍|穿着|有点|还是)?(?P<way>[大小])(?P<done>了)?(?P<step>半|一|1|两|2|三|3)个?(?:尺?码|号)"
)
_STEPS = {"半": "0.5", "一": "1", "1": "1", "两": "2", "2": "2", "三": "3", "3": "3"}
_LETTERS = re.compile(r"(?<![a-z0-9'’.()_/])(?P<size>[2-6]xl|x{1,5}[sl]|[sml])(?![a-z0-9'’(_/])")
_HEIGHT = re.compile(r"(?<![\d.])(?P<size>1[0-9]{2}/\d{2,3}[abcy]?)(?![a-z0-9])")
_CUP = re.compile(r"(?<![a-z0-9.])(?P<size>(?:6|7|8|9)[05][a-g])(?![a-z0-9])")
_NUMBERED = re.compile(
    r"(?<![a-z0-9./-])(?:eur?|欧码)?\s?(?P<size>\d{2,3}(?:\.5)?)\s?(?P<unit>码|号(?!楼|院|门|栋|线|店|仓|库|上午|下午|晚|之前|前|发|到|下单|买|拍))"
)
_STREET = re.compile(r"(?:路|街|道|弄|巷|胡同|村|镇|小区|单|编|工|尾|账|型|房|门牌)\D{0,3}$")
_BARE = re.compile(
    r"(?<![a-z0-9./:-])(?P<size>3[3-9](?:\.5)?|4[0-8](?:\.5)?)(?![\d.]*[\d.%:/]|小时|[元块天个件号码岁年月日周分多折斤公厘米克人次楼层栋弄度])"
)
_SIZE_TALK = re.compile("码|鞋|圈口|戒指|尺寸|腰")
_SHOE_TALK = re.compile("码|鞋|脚")


def find_sizes(text: str) -> Iterator[Mention]:
    """S to 5XL, 42, 160/84A, 75B; relative ones as +1, -1, -0.5: 大一码, 小半号."""
    for found in _RELATIVE.finditer(text):
        yield Mention(kind=EntityKind.SIZE, value=_step(found), start=found.start("way"), end=found.end(), wanted=True)
    for found in re.finditer(any_of(names().size_words), text):
        yield _size(text, found.start(), found.end(), names().size_words[found[0]])
    for pattern in (_HEIGHT, _CUP, _NUMBERED, _LETTERS):
        for found in pattern.finditer(text):
            if _is_size(text, found, pattern):
                yield _size(text, found.start("size"), found.end(), found["size"].upper())
    yield from _bare_sizes(text)


def _bare_sizes(text: str) -> Iterator[Mention]:
    """Numbers that could be shoe sizes, where they are wished for or not, and shoes or a swap are talked of: 41换42."""
    sizes = [_size(text, found.start(), found.end(), found["size"]) for found in _BARE.finditer(text)]
    directed = [size for size in sizes if size.wanted is not None]
    if len({size.wanted for size in directed}) == 2 or _SHOE_TALK.search(text):
        yield from directed


def _step(found: Match[str]) -> str:
    """大一码 asks for the next size up; 大了一码 and 偏大一码 complain, and ask for the next size down."""
    complains = found["done"] is not None or found["lean"] is not None
    up = (found["way"] == "大") != complains
    return f"{'+' if up else '-'}{_STEPS[found['step']]}"


def _is_size(text: str, found: Match[str], pattern: Pattern[str]) -> bool:
    before, after = text[: found.start()].rstrip(), text[found.end() :].lstrip()
    if pattern is _NUMBERED:
        return _STREET.search(before) is None and (found["unit"] == "码" or _is_size_number(text, found["size"]))
    if pattern is _LETTERS and len(found["size"]) == 1:
        # A lone letter inside English or a measure (5 m) is no size.
        english = re.search(r"[a-z0-9]$", before) and not before.endswith("size")
        return not english and not re.match("[a-z]", after)
    return True


def _is_size_number(text: str, number: str) -> bool:
    """42号 is a shoe; 24号 is a day unless the talk is of sizes; 92号 is petrol."""
    in_months = float(number) <= 31
    return _SIZE_TALK.search(text) is not None if in_months else 31 < float(number) <= 48


def _size(text: str, start: int, end: int, value: str) -> Mention:
    return Mention(kind=EntityKind.SIZE, value=value, start=start, end=end, wanted=is_wanted(text, start, end))
