"""``/console/api/supervisor``: how it goes now, and how it went."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time
from typing import Annotated, Any

from fastapi import APIRouter, Query

from integrations.codec import encode
from retention.assignment import Seat, seats
from retention.associate import Associate
from retention.figures import IDLE, Figures, figures
from retention.handoff import OPEN, Handoff, HandoffState
from retention.moves.person import REASON_WORDS
from retention.presence import PresenceState
from retention.words import CHINA
from service.api.fields import Moment
from service.console import PATH, Supervisor
from service.context import ServiceDep
from service.period import checked

NEVER = "never"
"""The state of an account nobody has logged in with yet."""

router = APIRouter(prefix=PATH, tags=["console"])


@router.get("/supervisor", summary="The queue now, and the handoffs opened in a time: today unless said otherwise")
def supervisor(
    lead: Supervisor,
    service: ServiceDep,
    since: Annotated[Moment | None, Query(alias="from")] = None,
    until: Annotated[Moment | None, Query(alias="to")] = None,
) -> dict[str, Any]:
    now = service.shop.clock()
    end = until or now
    begin = since or datetime.combine(end.astimezone(CHINA), time(), CHINA)
    checked(begin, end)
    with service.shop.store.transaction() as records:
        opened = records.handoffs.opened_between(begin, end)
        ratings = records.ratings.of_handoffs_opened(begin, end)
        present = records.handoffs.listed(OPEN, limit=10_000)
        associates = records.associates.listed()
        taken = {seat.associate.name: seat for seat in seats(records, service.shop.staffing, now)}
        strangers = {each.name for each in associates if records.presences.find(each.name) is None}
    counted = figures(opened, ratings, sla=service.shop.staffing.sla, now=now)
    return {
        "from": encode(begin),
        "to": encode(end),
        "now": _now_view(present, taken.values(), now),
        "associates": [
            _work_view(name, display, counted, NEVER if name in strangers else _state(taken.get(name)), present)
            for name, display in _people(associates, counted)
        ],
        "causes": [
            {"reason": reason, "words": REASON_WORDS.get(reason, reason), "count": count}
            for reason, count in counted.causes
        ],
        "by_hour": [{"hour": hour, "count": count} for hour, count in enumerate(counted.by_hour)],
        "sla": {"first_reply_kept": counted.first_reply_kept, "resolution_kept": counted.resolution_kept},
        "csat": encode(counted.csat),
    }


def _people(associates: Sequence[Associate], counted: Figures) -> Iterator[tuple[str, str]]:
    """Login and display names: who is active, and whoever did something, also from an agent desk without accounts."""
    known = {each.name: each for each in associates}
    for each in associates:
        if each.active or each.name in counted.work:
            yield each.name, each.display
    for name in counted.work:
        if name not in known:
            yield name, name


def _now_view(present: Sequence[Handoff], taken: Iterable[Seat], now: datetime) -> dict[str, Any]:
    waiting = [each for each in present if each.state is HandoffState.WAITING]
    longest = max((now - each.opened_at for each in waiting), default=None)
    return {
        "waiting": len(waiting),
        "longest_wait_s": None if longest is None else round(longest.total_seconds()),
        "online": sum(seat.state is PresenceState.ONLINE for seat in taken),
        "open": len(present) - len(waiting),
    }


def _state(seat: Seat | None) -> str:
    return (seat.state if seat else PresenceState.AWAY).value


def _work_view(name: str, display: str, counted: Figures, state: str, present: Sequence[Handoff]) -> dict[str, Any]:
    work = counted.work.get(name, IDLE)
    return {
        "name": name,
        "display": display,
        "state": state,
        "open": sum(each.associate == name for each in present if each.state is HandoffState.CLAIMED),
        "handled": work.handled,
        "first_reply_p50_s": work.first_reply_p50_s,
        "first_reply_p90_s": work.first_reply_p90_s,
        "resolution_p50_s": work.resolution_p50_s,
        "csat": work.csat.mean,
        "csat_n": work.csat.n,
    }
