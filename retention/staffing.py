"""How the shop is staffed: its hours, its skills, how long anything may take. Pure; the rows are read elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum

from retention.associate import Associate, Role
from retention.presence import Presence, PresenceState
from retention.words import CHINA

LONGEST_CLOSED_DAYS = 400


class Assignment(str, Enum):
    MANUAL = "manual"  # associates take conversations themselves
    AUTOMATIC = "automatic"  # whoever is online with room is given the next one


@dataclass(frozen=True, kw_only=True)
class Hours:
    """Open on these days (Monday is 0) from one minute of the day up to another (1440 is midnight), in China."""

    days: frozenset[int]
    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class Skill:
    """Handoffs of these rules, or with one of these stated reasons, want an associate who has it."""

    name: str
    rules: frozenset[str]
    reasons: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Sla:
    """What the shop promises itself, counted from the moment a person was called."""

    first_reply: timedelta
    resolution: timedelta


@dataclass(frozen=True, kw_only=True)
class Staffing:
    """``capacity`` is that of an associate without an account.

    An associate not heard of for ``away_after`` is away, for ``release_after`` gone: their conversations go back to the
    queue. So does one whose shopper waits for ``idle_release`` while they are there. Nobody waits for a person longer
    than ``wait_expires``.
    """

    assignment: Assignment
    capacity: int
    heartbeat: timedelta
    away_after: timedelta
    release_after: timedelta
    idle_release: timedelta
    wait_expires: timedelta
    hours: tuple[Hours, ...]
    holidays: frozenset[date]
    skills: tuple[Skill, ...]
    sla: Sla

    def is_open(self, at: datetime) -> bool:
        local = at.astimezone(CHINA)
        minute = local.hour * 60 + local.minute
        return any(hours.start <= minute < hours.end for hours in self._hours_of(local.date()))

    def opens_at(self, at: datetime) -> datetime | None:
        """When a person can be reached next; None while one can."""
        if self.is_open(at):
            return None
        local = at.astimezone(CHINA)
        days = (local.date() + timedelta(days=ahead) for ahead in range(LONGEST_CLOSED_DAYS))
        begins = (
            datetime.combine(day, time(), CHINA) + timedelta(minutes=minute)
            for day in days
            for minute in sorted(hours.start for hours in self._hours_of(day))
        )
        return next((begin for begin in begins if begin > at), None)

    def skill_for(self, rule: str, reasons: Iterable[str]) -> str | None:
        """The first skill a handoff wants; None when anybody will do."""
        stated = frozenset(reasons)
        return next((skill.name for skill in self.skills if rule in skill.rules or stated & skill.reasons), None)

    def state_of(self, presence: Presence | None, now: datetime) -> PresenceState:
        if presence is None or now - presence.seen_at >= self.away_after:
            return PresenceState.AWAY
        return presence.state

    def associate(self, name: str) -> Associate:
        """What is taken for granted of somebody without an account."""
        return Associate(name=name, display=name, role=Role.AGENT, skills=(), capacity=self.capacity, active=True)

    def _hours_of(self, day: date) -> tuple[Hours, ...]:
        if day in self.holidays:
            return ()
        return tuple(hours for hours in self.hours if day.weekday() in hours.days)
