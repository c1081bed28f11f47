"""A day and hours to come: 明天下午, 周六上午9点到12点, 28号. Said as what it is from today on; no clock is read here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from re import Match

from language.mentions import Mention
from language.numerals import NUMERAL, read_number
from retention.hearing import EntityKind

_DAYS = {"今天": 0, "今日": 0, "今晚": 0, "今早": 0, "明天": 1, "明日": 1, "明早": 1, "明晚": 1, "后天": 2, "大后天": 3}
_DAYS |= {"听日": 1, "明儿": 1, "后儿": 2}
_WEEK = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "日": 7, "天": 7, "末": 6}
_WEEK |= {str(day): day for day in range(1, 8)}
_PARTS = {"凌晨": (0, 6), "早上": (8, 10), "早": (8, 10), "上午": (9, 12), "中午": (11, 14), "下午": (14, 18)}
_PARTS |= {"傍晚": (17, 19), "晚上": (18, 21), "晚": (18, 21), "全天": (9, 18)}
_DAY = (
    r"(?P<near>大后天|今天|今日|今晚|今早|明天|明日|明早|明晚|后天|听日|明儿|后儿)|"
    r"(?P<next>下)?(?:这|本|个)?(?:周|星期|礼拜)(?P<week>[一二三四五六日天末1-7])|"
    rf"(?P<month>\d{{1,2}}|{NUMERAL})月(?P<date>\d{{1,2}}|{NUMERAL})[号日]|(?<![\d.月])(?P<alone>[12]?\d|3[01])[号](?!楼|院|店|线|码|仓)"
)
_HOUR = rf"(?:\d{{1,2}}|{NUMERAL})"
_CLOCK = (
    rf"(?P<from>{_HOUR})(?:点|时|:00)?半?\s?(?:到|至|-|~|—)\s?(?P<until>{_HOUR})(?:点|时|:00)|"
    rf"(?P<at>{_HOUR})(?:点|:00)(?P<later>以?后|之后)?"
)
_PART = "|".join(sorted(_PARTS, key=len, reverse=True))
_WHOLE = re.compile(rf"(?:{_DAY})(?:的)?\s?(?P<part>{_PART})?\s?(?:{_CLOCK})?")
_HOURS_ONLY = re.compile(rf"(?P<part>{_PART})?\s?(?:{_CLOCK})?")
_PAST = re.compile(r"(?:买|拍|下单|签收|收到|发货|到货|付)的?")


def find_slots(text: str) -> Iterator[Mention]:
    """``DAY HOURS``, ``?`` for what was not said: +1 from today, w3 the coming Wednesday, W3 that of next week, 11-28.

    A date without its month is no day.
    """
    taken = 0
    for found in _WHOLE.finditer(text):
        if found["alone"] or _PAST.match(text[found.end() :]):
            continue
        yield _mention(found, _day(found))
        taken = found.end()
    if not taken:
        for found in _HOURS_ONLY.finditer(text):
            if _hours(found) != "?" and not _PAST.match(text[found.end() :]):
                yield _mention(found, "?")
                return


def _mention(found: Match[str], day: str) -> Mention:
    value = f"{day} {_hours(found)}"
    return Mention(kind=EntityKind.SLOT, value=value, start=found.start(), end=found.start() + len(found[0].rstrip()))


def _day(found: Match[str]) -> str:
    if found["near"]:
        return f"+{_DAYS[found['near']]}"
    if found["week"]:
        return f"{'W' if found['next'] else 'w'}{_WEEK[found['week']]}"
    month, date = read_number(found["month"]), read_number(found["date"])
    fits = month is not None and date is not None and 1 <= month <= 12 and 1 <= date <= 31
    return f"{month}-{date}" if fits else "?"


def _hours(found: Match[str]) -> str:
    part = found["part"] or (found.groupdict().get("near") or "")[-1:]
    named = _PARTS.get(part)
    if found["from"]:
        begin, end = read_number(found["from"]), read_number(found["until"])
        return _span(begin, end, named)
    if found["at"]:
        at = read_number(found["at"])
        return _span(at, None if at is None else at + (3 if found["later"] else 1), named)
    return "?" if named is None else f"{named[0]}-{named[1]}"


def _span(begin: Decimal | None, end: Decimal | None, named: tuple[int, int] | None) -> str:
    """下午三点 is 15; an hour no day has is no hour."""
    if begin is None or end is None:
        return "?"
    first, last = int(begin), int(end)
    if named is not None and named[0] >= 11 and first < 11:
        first, last = first + 12, last + 12
    last = last + 12 if last < first <= 12 else last
    return f"{first}-{last}" if 0 <= first < last <= 24 else "?"
