"""Planted: stories whose danger lies in the order of their steps alone.

Each dangerous story has a harmless twin with as many steps of each kind and value, at times drawn alike, the last of each
at the same place; only what comes before differs. Counts, sums, maxima and the time since the last cannot tell them apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from retention.event import Event
from retention.order import Stage
from twin.places import PLACES, Place
from twin.record import Record

EFFECT = 1.8
"""On the logit: so much more in danger, or so much safer."""
ASKED_SHARE = 0.05
ADDRESS_SHARE = 0.07
"""Of the orders not delivered: nobody moves a parcel that has come."""
HOME, AWAY = True, False
ASKED, ANSWERED = True, False


class Plot(Enum):
    """What is told, and whether it bodes ill."""

    BACK_AND_FORTH = "back_and_forth"  # 地址来回切换
    THERE_AND_BACK = "there_and_back"  # 改细、换过去、再改细、换回来：只来回一趟
    ASKED_AFTER_ANSWER = "asked_after_answer"  # 得到回答之后越问越急
    ASKED_BEFORE_ANSWER = "asked_before_answer"  # 越问越急，得到回答之后只再确认一次

    @property
    def term(self) -> float:
        return EFFECT if self in (Plot.BACK_AND_FORTH, Plot.ASKED_AFTER_ANSWER) else -EFFECT


ADDRESSES = {
    Plot.BACK_AND_FORTH: (AWAY, HOME, AWAY, HOME),
    Plot.THERE_AND_BACK: (HOME, AWAY, AWAY, HOME),
}
QUESTIONS = {
    Plot.ASKED_AFTER_ANSWER: (ASKED, ANSWERED, ASKED, ASKED, ASKED, ANSWERED),
    Plot.ASKED_BEFORE_ANSWER: (ASKED, ASKED, ASKED, ANSWERED, ASKED, ANSWERED),
}


@dataclass(frozen=True, kw_only=True)
class Story:
    """``address_changes`` and ``questions`` count what its events tell."""

    plot: Plot | None = None
    address_changes: int = 0
    questions: int = 0
    events: tuple[Event, ...] = ()

    @property
    def term(self) -> float:
        return self.plot.term if self.plot else 0.0


NO_STORY = Story()


def story(record: Record, home: Place) -> Story:
    """About one order in ten has one, as often a dangerous as a harmless one, whatever else is true of it."""
    drawn = record.dice.unit()
    if drawn < ASKED_SHARE:
        return _asking(record)
    if drawn < ASKED_SHARE + ADDRESS_SHARE and record.life.stage is not Stage.DELIVERED:
        return _moving(record, home)
    return NO_STORY


def _moving(record: Record, home: Place) -> Story:
    plot = record.dice.pick(tuple(ADDRESSES))
    away = elsewhere(record, home)
    steps = ADDRESSES[plot]
    events = [
        record.at(at, "behaviour.address_changed", f"story-{number}", lived(home if is_home else away))
        for number, (at, is_home) in enumerate(zip(_hastening(record, len(steps)), steps, strict=True))
    ]
    return Story(plot=plot, address_changes=len(steps), events=tuple(events))


def _asking(record: Record) -> Story:
    plot = record.dice.pick(tuple(QUESTIONS))
    steps = QUESTIONS[plot]
    events = [
        record.at(at, "service.consulted", f"story-{number}", {"topic": "policy"})
        if is_question
        else record.at(at, "service.answered", f"story-{number}", {"seconds": record.dice.whole(10, 90)})
        for number, (at, is_question) in enumerate(zip(_hastening(record, len(steps)), steps, strict=True))
    ]
    return Story(plot=plot, questions=sum(steps), events=tuple(events))


def _hastening(record: Record, count: int) -> Sequence[datetime]:
    """So many moments within three hours of the last day, each gap shorter than the one before."""
    dice, life = record.dice, record.life
    lived_for = (life.moment - life.placed_at) / timedelta(hours=1)
    length = min(dice.between(0.7, 3), 0.8 * lived_for)
    spare = lived_for - length
    start = life.moment - timedelta(hours=length + dice.between(min(1.0, spare), min(15.0, spare)))
    gaps = sorted((0.1 + dice.unit() for _ in range(count - 1)), reverse=True)
    hours = length / sum(gaps)
    moments = [start]
    for gap in gaps:
        moments.append(moments[-1] + timedelta(hours=gap * hours))
    return [min(moment, life.moment) for moment in moments]


def elsewhere(record: Record, home: Place) -> Place:
    """Another city than home."""
    away = record.dice.pick(PLACES)
    return away if away.city != home.city else PLACES[PLACES.index(home) - 1]


def lived(place: Place) -> dict[str, object]:
    return {"province": place.province, "city": place.city}
