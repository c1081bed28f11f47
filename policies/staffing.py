"""The shop's staffing rows, read and checked."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from policies.rows import PolicyError, Row
from retention.hearing import Reason
from retention.staffing import Assignment, Hours, Skill, Sla, Staffing
from rows.yaml_text import load_yaml

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = 24 * 60
MOST_HOLIDAYS = 100
TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")


def load(path: Path) -> Staffing:
    """Raises PolicyError with file, path of the value, the value and what is expected."""
    return read(Row(str(path), "", load_yaml(path.read_bytes(), file=str(path), refused=PolicyError)))


def read(top: Row) -> Staffing:
    top.only(
        *("assignment", "capacity", "heartbeat_s", "away_after_s", "release_after_s", "idle_release_min"),
        *("wait_expires_min", "business_hours", "holidays", "skills", "sla"),
    )
    heartbeat_s = top.number("heartbeat_s", 1, 600)
    away_after_s = top.number("away_after_s", 1, 3600)
    if away_after_s < 2 * heartbeat_s:
        raise top.error("away_after_s", "至少是 heartbeat_s 的两倍：漏一次心跳不算离开")
    release_after_s = top.number("release_after_s", 1, 24 * 3600)
    if release_after_s < away_after_s:
        raise top.error("release_after_s", "不小于 away_after_s 的数")
    hours = tuple(_hours(row) for row in top.rows("business_hours"))
    if not hours:
        raise top.error("business_hours", "至少一行营业时间")
    holidays = frozenset(top.dates("holidays"))
    if len(holidays) > MOST_HOLIDAYS:
        raise top.error("holidays", f"最多 {MOST_HOLIDAYS} 天")
    sla = top.row("sla")
    sla.only("first_reply_s", "resolution_min")
    return Staffing(
        assignment=top.choice("assignment", Assignment),
        capacity=top.whole("capacity", 1, 100),
        heartbeat=timedelta(seconds=heartbeat_s),
        away_after=timedelta(seconds=away_after_s),
        release_after=timedelta(seconds=release_after_s),
        idle_release=timedelta(minutes=top.number("idle_release_min", 0.1, 24 * 60)),
        wait_expires=timedelta(minutes=top.number("wait_expires_min", 0.1, 24 * 60)),
        hours=hours,
        holidays=holidays,
        skills=tuple(_skill(name, row) for name, row in top.named("skills")),
        sla=Sla(
            first_reply=timedelta(seconds=sla.number("first_reply_s", 1, 24 * 3600)),
            resolution=timedelta(minutes=sla.number("resolution_min", 1, 7 * 24 * 60)),
        ),
    )


def _hours(row: Row) -> Hours:
    row.only("days", "from", "to")
    days = row.texts("days")
    if not set(days) <= set(DAYS):
        raise row.error("days", f"{'、'.join(DAYS)} 中的几个")
    start, end = _minute(row, "from"), _minute(row, "to")
    if start >= end:
        raise row.error("to", "晚于 from 的时间；跨零点请写两行")
    return Hours(days=frozenset(DAYS.index(day) for day in days), start=start, end=end)


def _minute(row: Row, key: str) -> int:
    if key not in row:
        raise row.error(key, '加引号的时间，例如 "09:00"')
    # Without quotes YAML takes 21:00 for the number 1260.
    text = row.text(key)
    if not TIME.fullmatch(text):
        raise row.error(key, '加引号的时间，例如 "09:00"')
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute)


def _skill(name: str, row: Row) -> Skill:
    row.only("rules", "reasons")
    rules = row.texts("rules") if "rules" in row else []
    reasons = row.choices("reasons", Reason) if "reasons" in row else []
    if not rules and not reasons:
        raise row.error("rules", "rules、reasons 至少写一个")
    return Skill(name=name, rules=frozenset(rules), reasons=frozenset(reason.value for reason in reasons))
