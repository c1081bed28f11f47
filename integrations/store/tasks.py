"""What associates still have to do."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, func, select, update

from integrations.store.rows import Shape
from integrations.store.statements import insert_new
from integrations.store.tables import TASKS
from retention.errors import IllegalMoveError, NotFoundError, StoreBusyError
from retention.ports import Tasks
from retention.task import Task, TaskKind, TaskState

TASK = Shape(Task, TASKS)

_FIND = TASK.select().where(TASKS.c.task_id == bindparam("task_id"))
_OPEN_OF = TASK.select().where(
    TASKS.c.conversation_id == bindparam("conversation_id"), TASKS.c.state == TaskState.OPEN.value
)
_ADD = insert_new(TASKS)
_COUNT_OPEN = (
    select(func.count())
    .select_from(TASKS)
    .where(TASKS.c.kind == bindparam("of_kind"), TASKS.c.state == TaskState.OPEN.value)
)
_CHANGED = [name for name in TASK.names if name not in ("task_id", "conversation_id", "kind", "opened_at")]
_CHANGE = (
    update(TASKS)
    .where(
        TASKS.c.task_id == bindparam("changed"),
        TASKS.c.state == bindparam("was_state"),
        TASKS.c.handler.is_not_distinct_from(bindparam("was_handler", type_=TASKS.c.handler.type)),
    )
    .values({name: bindparam(name) for name in _CHANGED})
)
_IN_STATE = TASK.select().where(TASKS.c.state == bindparam("in_state")).limit(bindparam("limit"))
_OPEN = _IN_STATE.order_by(TASKS.c.due_at, TASKS.c.task_id)
_DONE = _IN_STATE.order_by(TASKS.c.done_at.desc(), TASKS.c.task_id.desc())


class SqlTasks(Tasks):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, task_id: str) -> Task | None:
        return TASK.first(self._connection, _FIND, task_id=task_id)

    def open_of(self, conversation_id: str) -> Task | None:
        return TASK.first(self._connection, _OPEN_OF, conversation_id=conversation_id)

    def add(self, task: Task) -> Task:
        if self._connection.execute(_ADD, TASK.row(task)).rowcount == 1:
            return task
        if task.conversation_id is not None and (earlier := self.open_of(task.conversation_id)) is not None:
            return earlier
        if (same := self.find(task.task_id)) is not None:
            return same
        raise StoreBusyError  # the one in the way was done in this very moment

    def count_open(self, kind: TaskKind) -> int:
        return int(self._connection.execute(_COUNT_OPEN, {"of_kind": kind.value}).scalar_one())

    def change(self, before: Task, after: Task) -> Task:
        row = TASK.row(after)
        parameters = {"changed": before.task_id, "was_state": before.state.value, "was_handler": before.handler}
        if self._connection.execute(_CHANGE, parameters | {name: row[name] for name in _CHANGED}).rowcount == 1:
            return after
        found = self.find(before.task_id)
        if found is None:
            raise NotFoundError("task", before.task_id)
        raise IllegalMoveError("task", found.task_id, found.state.value, after.state.value)

    def listed(self, state: TaskState, *, limit: int = 200) -> Sequence[Task]:
        statement = _OPEN if state is TaskState.OPEN else _DONE
        return TASK.all(self._connection, statement, in_state=state.value, limit=limit)
