"""``/v1/events``: what happened around orders, in batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.responses import Response

from retention.event import Event, differs
from retention.ports import Records
from service.api.fields import Attributes, Body, Id, Moment
from service.idempotency import Writing
from service.rescoring import mark_events
from service.security import Caller, scoped

MOST_EVENTS = 1000

router = APIRouter(prefix="/v1/events", tags=["events"])


class EventBody(Body):
    event_id: Id
    kind: Annotated[
        str,
        Field(
            max_length=64,
            pattern=r"^[a-z][a-z_]*\.[a-z][a-z_]*$",
            description="family.fact, as fulfilment.delayed; kinds that are not understood are kept and ignored",
        ),
    ]
    at: Moment
    order_no: Id | None = None
    customer_id: Id | None = None
    sku: Id | None = None
    data: Attributes = Field(default_factory=dict)

    def to_event(self) -> Event:
        return Event(**{name: getattr(self, name) for name in type(self).model_fields})


class EventsBody(Body):
    events: Annotated[list[EventBody], Field(min_length=1, max_length=MOST_EVENTS)]


@router.post("", summary="Report facts in any order; an event_id that was seen before is counted once")
def post_events(
    body: EventsBody, writing: Writing, caller: Annotated[Caller, Depends(scoped("events:write"))]
) -> Response:
    """Of events with one id the first that came stays. ``differing`` names, by place, those that tell another fact under an
    id that was seen before: they were not kept and need an id of their own.
    """

    def work(records: Records) -> tuple[int, Any]:
        events = [event.to_event() for event in body.events]
        new, shop = records.events.add(events), writing.service.shop
        if new:
            mark_events(records, events, now=shop.clock(), debounce=shop.outreach.debounce)
        return 200, {
            "received": len(events),
            "new": new,
            "differing": _differing(records, events) if new < len(events) else [],
        }

    return writing.once(caller, work)


def _differing(records: Records, events: Sequence[Event]) -> list[dict[str, Any]]:
    known = records.events.find_all([event.event_id for event in events])
    return [
        {"index": place, "event_id": event.event_id}
        for place, event in enumerate(events)
        if differs(event, known[event.event_id])
    ]
