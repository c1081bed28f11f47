"""``/console/api``: whom to call, because they asked or because their order is in danger. The number is whole only for who
took the task."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from integrations.codec import encode
from retention.audit import AuditEntry
from retention.callback import begins
from retention.errors import IllegalMoveError, NotFoundError
from retention.ports import Records
from retention.task import Task, TaskKind, TaskState
from retention.words import masked_contact
from service.api.fields import Body, Id
from service.console import OURS, PATH, Associate, NothingBody
from service.console_views import masked_name
from service.context import Service, ServiceDep
from service.problems import ProblemError

router = APIRouter(prefix=PATH, tags=["console"])


class DoneBody(Body):
    note: Annotated[str, Field(max_length=500)]


@router.get("/tasks", summary="Whom to call: open ones by urgency, done ones newest first; at most 200")
def listed(
    associate: Associate, service: ServiceDep, state: Annotated[TaskState, Query()] = TaskState.OPEN
) -> dict[str, Any]:
    with service.shop.store.transaction() as records:
        return {"tasks": [task_view(service, records, task, viewer=None) for task in records.tasks.listed(state)]}


@router.get("/tasks/{task_id}", summary="One task; its handler sees the whole number")
def one(task_id: Id, associate: Associate, service: ServiceDep) -> dict[str, Any]:
    with service.shop.store.transaction() as records:
        return {"task": task_view(service, records, _found(records, task_id), viewer=associate)}


@router.post("/tasks/{task_id}/take", dependencies=OURS, summary="I will call; the first one gets it")
async def take(task_id: Id, body: NothingBody, associate: Associate, service: ServiceDep) -> dict[str, Any]:
    return await _changed(service, task_id, associate, "task_taken", lambda task, _: task.taken(associate))


@router.post("/tasks/{task_id}/done", dependencies=OURS, summary="The shopper was called")
async def done(task_id: Id, body: DoneBody, associate: Associate, service: ServiceDep) -> dict[str, Any]:
    note = body.note.strip()
    return await _changed(
        service, task_id, associate, "task_done", lambda task, now: task.done(associate, note, at=now)
    )


def task_view(service: Service, records: Records, task: Task, *, viewer: str | None) -> dict[str, Any]:
    """``begins_at``: not before this, for it is when they asked for it or when the shop opens."""
    customer = records.customers.find(task.customer_id) if task.customer_id else None
    mine = viewer is not None and viewer == task.handler
    shown: dict[str, Any] = {name: value for name, value in encode(task).items() if name != "customer_id"}
    return {
        **shown,
        "begins_at": encode(_begins(service, task)),
        "customer": masked_name(customer.name) if customer else "",
        "contact": task.contact if mine else masked_contact(task.contact),
    }


def _begins(service: Service, task: Task) -> datetime:
    return begins(service.shop.staffing, task) if task.kind is TaskKind.CALL_BACK else task.opened_at


async def _changed(
    service: Service, task_id: str, associate: str, act: str, change: Callable[[Task, datetime], Task]
) -> dict[str, Any]:
    view = await run_in_threadpool(_change, service, task_id, associate, act, change)
    service.broadcast.tasks()
    return view


def _change(
    service: Service, task_id: str, associate: str, act: str, change: Callable[[Task, datetime], Task]
) -> dict[str, Any]:
    now = service.shop.clock()
    with service.shop.store.transaction() as records:
        task = _found(records, task_id)
        try:
            changed = records.tasks.change(task, change(task, now))
        except IllegalMoveError as refused:
            raise _refusal(records, task_id) from refused
        subject = f"conversation:{task.conversation_id}" if task.conversation_id else f"order:{task.order_no}"
        records.audit.add(AuditEntry(at=now, actor=f"associate:{associate}", act=act, subject=subject))
        return {"task": task_view(service, records, changed, viewer=associate)}


def _found(records: Records, task_id: str) -> Task:
    task = records.tasks.find(task_id)
    if task is None:
        raise NotFoundError("task", task_id)
    return task


def _refusal(records: Records, task_id: str) -> ProblemError:
    task = _found(records, task_id)
    if task.state is TaskState.DONE:
        return ProblemError(409, "task_done", f"{task.done_by}已经联系过了。")
    return ProblemError(409, "task_taken", f"{task.handler}已经在处理这个任务。")
