"""Questions put to the shop before the talk the risk is asked about: asked, waited for, answered, passed on, rated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from retention.event import Event
from twin.record import Record
from twin.trail import Trail

TOPICS = ("order", "logistics", "product", "price", "stock", "invoice", "policy")
TOPIC_WEIGHTS = (25, 30, 18, 10, 8, 4, 5)
SLOW_MINUTES = 5.0


@dataclass(frozen=True, kw_only=True)
class Helpline:
    """``questions`` asked, ``unanswered`` of them; ``rated`` is the worst rating, None when nobody gave one."""

    questions: int
    unanswered: int
    transfers: int
    rated: int | None
    events: tuple[Event, ...]


def call(record: Record, walked: Trail) -> Helpline:
    """Who waited for a person had asked something; others were answered at once, or not at all."""
    dice, life = record.dice, record.life
    waits = [event for event in walked.events if event.kind == "service.waited"]
    events: list[Event] = []
    transfers, rated = 0, None
    for told in waits:
        wait = timedelta(seconds=told.number("seconds"))
        asked_at = max(life.placed_at, told.at - wait)
        events.append(_asked(record, asked_at, 0))
        transfers = int(dice.chance(0.2))
        at = told.at
        if transfers:
            at = _soon(record, at, 0.1)
            events.append(record.at(at, "service.transferred"))
        at = _soon(record, at, 0.1)
        events.append(record.at(at, "service.answered", 0, {"seconds": round((at - asked_at) / timedelta(seconds=1))}))
        if dice.chance(0.3):
            rated = _score(record, slow=walked.wait_minutes > SLOW_MINUTES or transfers > 0)
            events.append(record.at(_soon(record, at, 0.2), "service.rated", 0, {"score": rated}))
    extra = dice.count(0.2)
    answered = 0
    for number in range(1, extra + 1):
        at = life.placed_at + (life.moment - life.placed_at) * dice.unit()
        events.append(_asked(record, at, number))
        if dice.chance(0.8):
            answered += 1
            events.append(
                record.at(_soon(record, at, 0.02), "service.answered", number, {"seconds": dice.whole(5, 60)})
            )
    return Helpline(
        questions=len(waits) + extra,
        unanswered=extra - answered,
        transfers=transfers,
        rated=rated,
        events=tuple(events),
    )


def _asked(record: Record, at: datetime, number: int) -> Event:
    return record.at(at, "service.consulted", number, {"topic": record.dice.weighted(TOPICS, TOPIC_WEIGHTS)})


def _soon(record: Record, at: datetime, share: float) -> datetime:
    """A little later, before the moment."""
    return at + (record.life.moment - at) * share * record.dice.unit()


def _score(record: Record, *, slow: bool) -> int:
    return record.dice.weighted((5, 4, 3, 2, 1), (20, 20, 20, 20, 20) if slow else (60, 22, 10, 5, 3))
