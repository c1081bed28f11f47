"""``/console/api``: a conversation goes from one associate to another, or back to the queue."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from service.api.fields import Body, Id
from service.api.handoffs import AssociateName
from service.console import OURS, PATH, Associate, NothingBody, shown
from service.context import ServiceDep
from service.problems import ProblemError

router = APIRouter(prefix=PATH, tags=["console"])

Note = Annotated[str, Field(max_length=500)]


class TransferBody(Body):
    to: Annotated[AssociateName | None, Field(description="A login; null puts it back into the queue")]
    skill: Annotated[str | None, Field(max_length=32, description="Whom the queue should find, with `to` null")] = None
    note: Note = ""


@router.post("/handoffs/{handoff_id}/transfer", dependencies=OURS, summary="Pass the conversation on")
async def transfer(handoff_id: Id, body: TransferBody, associate: Associate, service: ServiceDep) -> dict[str, Any]:
    known = {skill.name for skill in service.shop.staffing.skills}
    if body.skill is not None and (body.to is not None or body.skill not in known):
        raise ProblemError(422, "unknown_skill", "没有这个技能组，或同时指定了同事；请只选一项。")
    note = body.note.strip()
    if body.to is not None:
        moved = await service.associates.transfer(handoff_id, associate, to=body.to, note=note)
    else:
        moved = await service.associates.put_back(handoff_id, associate, skill=body.skill, note=note)
    return shown(service, moved)


@router.post("/handoffs/{handoff_id}/takeover", dependencies=OURS, summary="Take it from its associate; supervisors")
async def take_over(handoff_id: Id, body: NothingBody, associate: Associate, service: ServiceDep) -> dict[str, Any]:
    return shown(service, await service.associates.take_over(handoff_id, associate))


@router.post("/handoffs/{handoff_id}/release", dependencies=OURS, summary="Put it back to the front of the queue")
async def release(handoff_id: Id, body: NothingBody, associate: Associate, service: ServiceDep) -> dict[str, Any]:
    return shown(service, await service.associates.put_back(handoff_id, associate))
