"""When a shopper would like to be called, in their own words: 明天下午三点打给我."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone

from retention.words import CHINA

DAYS: Mapping[str, int] = {"今": 0, "今天": 0, "今儿": 0, "明": 1, "明天": 1, "明儿": 1, "后天": 2, "大后天": 3}
PARTS: Mapping[str, tuple[int, int]] = {
    "凌晨": (0, 6),
    "早": (8, 12),
    "早上": (8, 12),
    "上午": (9, 12),
    "中午": (12, 14),
    "下午": (13, 18),
    "傍晚": (17, 19),
    "晚": (18, 22),
    "晚上": (18, 22),
}
"""From and to, in hours."""
EVENING = frozenset({"傍晚", "晚", "晚上"})
OPENS = 9
"""When somebody who names a day and no hour is called at the earliest."""
NIGHT = 8
"""三点 without a part of the day is the afternoon's: nobody asks to be called before this hour."""
WEEKDAYS = "一二三四五六日"
DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2}
NUMBER = r"\d{1,2}|[零一二两三四五六七八九十]{1,3}"
CLAUSE = re.compile(r"[，。；！？、,;!?\n()]+")
TIME = re.compile(
    r"(?P<day>大后天|后天|明天|明儿|今天|今儿|[明今](?=[早晚]))?"
    r"(?:(?P<next>下)?个?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天]))?\s*"
    r"(?P<part>凌晨|早上|上午|中午|下午|傍晚|晚上|(?<=[明今])[早晚])?\s*"
    rf"(?:(?P<hour>{NUMBER})\s*[点时:](?P<half>半)?(?:(?P<quarter>[一三])刻)?(?P<minute>{NUMBER})?(?:钟|分)?)?"
    r"(?P<before>(?:之|以)?前)?"
)
CALL = re.compile("打|电话|回电|联系|回我|找我|方便|有空")
OTHER = re.compile("昨|前天|上次|刚才|已经|过电话|打过|别|不要|不方便|没空|没人|没打|没接")
"""Of a call that was, or that is not wanted."""
AROUND = re.compile(r"[\d\s:+-]*(?:[吧我就在左右请您给都行可以的]|\d|\s)*")


def wished_at(text: str, now: datetime) -> datetime | None:
    """The moment from which the shopper would like the call; None when they name none, or one that has passed.

    Only a clause that speaks of calling, or that is a time and nothing else, says when to call.

    >>> noon = datetime(2026, 11, 20, 12, 0, tzinfo=CHINA)
    >>> str(wished_at("明天下午三点半打给我", noon)), wished_at("说好今天下午到的", noon)
    ('2026-11-21 07:30:00+00:00', None)
    """
    for clause in CLAUSE.split(unicodedata.normalize("NFKC", text)):
        if OTHER.search(clause):
            continue
        for found in _times(clause):
            around = clause[: found.start()] + clause[found.end() :]
            if CALL.search(clause) or AROUND.fullmatch(around):
                at = _moment(found, now.astimezone(CHINA))
                return at.astimezone(timezone.utc) if at else None
    return None


def _times(clause: str) -> Iterator[re.Match[str]]:
    for found in TIME.finditer(clause):
        named = found["day"] or found["weekday"] or found["part"]
        is_little = found["hour"] == "一" and not found["half"] and not found["minute"]  # 快一点, 早一点
        if named or (found["hour"] and not is_little):
            yield found


def _moment(found: re.Match[str], now: datetime) -> datetime | None:
    clock = _clock(found)
    if clock is None:
        return None
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    at = midnight + timedelta(days=_days(found, now)) + timedelta(minutes=clock)
    if at > now:
        return at
    if found["weekday"]:
        return at + timedelta(days=7)
    if found["day"] or _is_now(found, now):
        return None
    is_vague = found["hour"] and not found["part"] and clock < 12 * 60
    afternoon = at + timedelta(hours=12)
    return afternoon if is_vague and afternoon > now else at + timedelta(days=1)


def _days(found: re.Match[str], now: datetime) -> int:
    if not found["weekday"]:
        return DAYS[found["day"]] if found["day"] else 0
    wanted = WEEKDAYS.index(found["weekday"].replace("天", "日"))
    ahead = wanted - now.weekday()
    return ahead + 7 if found["next"] else ahead % 7


def _clock(found: re.Match[str]) -> int | None:
    """Minutes after midnight; None for an hour there is none of."""
    part = found["part"]
    if found["hour"] is None or found["before"]:
        return 60 * (PARTS[part][0] if part else OPENS)
    hour, minute = _number(found["hour"]), _minute(found)
    if hour > 24 or minute > 59:
        return None
    return 60 * (hour + 12 if _is_after_noon(part, hour) else hour) + minute


def _is_after_noon(part: str | None, hour: int) -> bool:
    """Of an hour on a clock of twelve."""
    if part is None:
        return 0 < hour < NIGHT
    if part == "中午":
        return hour < 11
    return (part == "下午" and hour < 12) or (part in EVENING and hour <= 12)


def _minute(found: re.Match[str]) -> int:
    if found["half"]:
        return 30
    if found["quarter"]:
        return 15 * _number(found["quarter"])
    return _number(found["minute"]) if found["minute"] else 0


def _is_now(found: re.Match[str], now: datetime) -> bool:
    """下午 in the afternoon is as soon as possible."""
    return found["part"] is not None and found["hour"] is None and now.hour < PARTS[found["part"]][1]


def _number(text: str) -> int:
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    value = DIGITS.get(ones, 0) if len(ones) <= 1 else 10 * DIGITS[ones[-2]] + DIGITS[ones[-1]]
    return value + (10 * DIGITS.get(tens, 1) if ten else 0)
