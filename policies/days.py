"""Days of the calendar and hours of the day, in China: exactly which two rows have in common."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import TypeVar

from policies.rows import Row

MonthDay = tuple[int, int]
_Place = TypeVar("_Place", bound=Hashable)

YEAR: tuple[MonthDay, ...] = tuple(
    (day.month, day.day) for day in (date(2000, 1, 1) + timedelta(days=count) for count in range(366))
)
"""Every day a year can have, the leap day among them."""
HOURS = tuple(range(24))
_EVERY_DAY = frozenset(YEAR)
_EIGHT_YEARS = timedelta(days=8 * 366)
"""In so many days every day of the year comes, 29 February too: no century without one lies within a row's reach."""


@dataclass(frozen=True, kw_only=True)
class Days:
    """The days from ``first`` to ``last``, both included, that are also days ``of_year``."""

    first: date = date.min
    last: date = date.max
    of_year: frozenset[MonthDay] = _EVERY_DAY

    def include(self, day: date) -> bool:
        return self.first <= day <= self.last and (day.month, day.day) in self.of_year

    def common(self, other: Days) -> Days:
        """The days of both, perhaps none."""
        return Days(
            first=max(self.first, other.first),
            last=min(self.last, other.last),
            of_year=self.of_year & other.of_year,
        )

    def __bool__(self) -> bool:
        """Whether there is such a day at all."""
        if self.first > self.last or not self.of_year:
            return False
        span = self.last - self.first
        return span >= _EIGHT_YEARS or any(
            self.include(self.first + timedelta(days=count)) for count in range(span.days + 1)
        )

    @property
    def words(self) -> str:
        parts = []
        if self.first != date.min:
            parts.append(f"{self.first} 起")
        if self.last != date.max:
            parts.append(f"到 {self.last}")
        if self.of_year != _EVERY_DAY:
            spans = (_span(run) for run in _runs(self.of_year, YEAR))
            parts.append(f"每年 {'、'.join(spans)}")
        return " ".join(parts)


def read_days(row: Row) -> Days | None:
    """Of ``dates`` and ``season`` of a row, None without either. Raises PolicyError."""
    if "dates" not in row and "season" not in row:
        return None
    first, last = _dates(row.row("dates")) if "dates" in row else (date.min, date.max)
    of_year = _season(row.row("season")) if "season" in row else _EVERY_DAY
    days = Days(first=first, last=last, of_year=of_year)
    if not days:
        raise row.error("season", "至少有一天落在 dates 之内的季节", "dates 和 season 要同时满足，请改其中一个")
    return days


def read_hours(row: Row) -> frozenset[int]:
    """``from`` up to but not ``until``, over midnight where that is earlier. Raises PolicyError."""
    row.only("from", "until")
    start, end = row.whole("from", 0, 23), row.whole("until", 1, 24)
    if start == end:
        raise row.error("until", "与 from 不同的整点", "全天不用写 hours")
    return frozenset(range(start, end)) if start < end else frozenset(HOURS) - frozenset(range(end, start))


def hours_words(hours: frozenset[int]) -> str:
    return "、".join(f"{run[0]} 点到 {(run[-1] + 1) % 24 or 24} 点" for run in _runs(hours, HOURS))


def _dates(row: Row) -> tuple[date, date]:
    row.only("from", "until")
    if row.is_empty:
        raise row.error("from", "日期，例如 2026-11-01", "from 和 until 至少写一个；不限日期就不写 dates")
    first = row.day("from") if "from" in row else date.min
    last = row.day("until") if "until" in row else date.max
    if first > last:
        raise row.error("until", "不早于 from 的日期", "把 from 和 until 对调")
    return first, last


def _season(row: Row) -> frozenset[MonthDay]:
    """Both ends included; over the turn of the year where ``until`` is the earlier day."""
    row.only("from", "until")
    start, end = (YEAR.index(_of_year(row, key)) for key in ("from", "until"))
    if start <= end:
        return frozenset(YEAR[start : end + 1])
    return _EVERY_DAY - frozenset(YEAR[end + 1 : start])


def _of_year(row: Row, key: str) -> MonthDay:
    found = row.match(key, r"(\d\d)-(\d\d)", "每年的一天，例如 11-01", "某一年的日期写在 dates 里")
    day = int(found[1]), int(found[2])
    if day not in YEAR:
        raise row.error(key, "日历上有的一天，例如 11-01")
    return day


def _runs(chosen: frozenset[_Place], circle: Sequence[_Place]) -> list[list[_Place]]:
    """The chosen places as unbroken runs; one over the end of the circle is one run."""
    runs = [list(run) for is_in, run in groupby(circle, key=lambda place: place in chosen) if is_in]
    if len(runs) > 1 and runs[0][0] == circle[0] and runs[-1][-1] == circle[-1]:
        return [*runs[1:-1], runs[-1] + runs[0]]
    return runs


def _span(run: Sequence[MonthDay]) -> str:
    first, last = (f"{month} 月 {day} 日" for month, day in (run[0], run[-1]))
    return first if first == last else f"{first}到 {last}"
