"""``/console/api``: who is at the desk."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool

from integrations.codec import encode
from retention.assignment import Seat, seats
from retention.presence import PresenceState
from service.attendance import PresenceBody
from service.console import OURS, PATH, Associate
from service.context import Service, ServiceDep

router = APIRouter(prefix=PATH, tags=["console"])


@router.post("/presence", dependencies=OURS, summary="I am here: said again every heartbeat_s seconds")
async def presence(body: PresenceBody, associate: Associate, service: ServiceDep) -> dict[str, Any]:
    put = await service.attendance.beat(associate, PresenceState(body.state))
    return {**encode(put), "heartbeat_s": service.shop.staffing.heartbeat.total_seconds()}


@router.get("/staff", summary="Who was here within a shift, how they are and what they hold")
async def staff(associate: Associate, service: ServiceDep) -> dict[str, Any]:
    return {"associates": [seat_view(seat) for seat in await run_in_threadpool(_seats, service)]}


def seat_view(seat: Seat) -> dict[str, Any]:
    return {
        "name": seat.associate.name,
        "display": seat.associate.display,
        "role": seat.associate.role.value,
        "state": seat.state.value,
        "capacity": seat.associate.capacity,
        "open": seat.held,
        "skills": list(seat.associate.skills),
    }


def _seats(service: Service) -> tuple[Seat, ...]:
    with service.shop.store.transaction() as records:
        return seats(records, service.shop.staffing, service.shop.clock())
