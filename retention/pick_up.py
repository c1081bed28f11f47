"""When goods are fetched at the door: the hours the shop's carrier offers, and which of them the shopper means. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from retention.order import Order
from retention.words import CHINA, day

LEAD = timedelta(hours=2)
"""A courier needs this long to be on the way."""
DAYS, MOST_DAYS = 3, 14
HOURS = re.compile(r"(\d{1,2})-(\d{1,2})")
DATED = re.compile(r"(\d{1,2})-(\d{1,2})")


@dataclass(frozen=True, kw_only=True)
class Slot:
    begin: datetime
    end: datetime

    @property
    def words(self) -> str:
        """11 月 28 日 14:00-18:00"""
        return f"{day(self.begin)} {self.begin.astimezone(CHINA):%H:%M}-{self.end.astimezone(CHINA):%H:%M}"


def slot_of(begin: str, end: str) -> Slot:
    return Slot(begin=datetime.fromisoformat(begin), end=datetime.fromisoformat(end))


def offered(order: Order, now: datetime) -> tuple[Slot, ...]:
    """Soonest first; none when the shop has not said that and when its carrier comes."""
    terms = order.attributes.get("pick_up")
    if not isinstance(terms, Mapping):
        return ()
    hours, days = terms.get("hours"), terms.get("days", DAYS)
    if not isinstance(hours, (list, tuple)) or not isinstance(days, int) or isinstance(days, bool):
        return ()
    spans = [span for written in hours if (span := _hours(str(written))) is not None]
    today = now.astimezone(CHINA).date()
    slots = (
        Slot(begin=_at(today + timedelta(days=ahead), begin), end=_at(today + timedelta(days=ahead), end))
        for ahead in range(min(days, MOST_DAYS) + 1)
        for begin, end in sorted(spans)
    )
    return tuple(slot for slot in slots if slot.begin >= now + LEAD)


def meant(value: str, slots: Sequence[Slot], now: datetime) -> tuple[Slot, ...]:
    """The offered slots a heard time fits: a day (+1, w6, 11-28 or ?) and hours (14-18 or ?), as an entity has them."""
    said_day, _, said_hours = value.partition(" ")
    on, hours = _day(said_day, now), _hours(said_hours)
    return tuple(
        slot
        for slot in slots
        if (said_day == "?" or slot.begin.astimezone(CHINA).date() == on) and (hours is None or _overlap(slot, hours))
    )


def _overlap(slot: Slot, hours: tuple[int, int]) -> bool:
    begin = slot.begin.astimezone(CHINA).hour
    end = begin + (slot.end - slot.begin) // timedelta(hours=1)
    return hours[0] < end and begin < max(hours[1], hours[0] + 1)


def _day(said: str, now: datetime) -> date | None:
    today = now.astimezone(CHINA).date()
    if said.startswith("+"):
        return today + timedelta(days=int(said[1:]))
    if said.startswith("w"):
        return today + timedelta(days=(int(said[1:]) - today.isoweekday()) % 7)
    if said.startswith("W"):
        return today + timedelta(days=7 - today.weekday() + int(said[1:]) - 1)
    found = DATED.fullmatch(said)
    if found is None:
        return None
    try:
        this_year = date(today.year, int(found[1]), int(found[2]))
        return this_year if this_year >= today else this_year.replace(year=today.year + 1)
    except ValueError:
        return None


def _hours(written: str) -> tuple[int, int] | None:
    found = HOURS.fullmatch(written.strip())
    if found is None or not int(found[1]) < int(found[2]) <= 24 or int(found[1]) > 23:
        return None
    return int(found[1]), int(found[2])


def _at(on: date, hour: int) -> datetime:
    return datetime.combine(on, time(), tzinfo=CHINA) + timedelta(hours=hour)
