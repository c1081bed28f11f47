"""What associates still have to do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from integrations.memory.rows import Rows, Undo
from retention.errors import IllegalMoveError, NotFoundError
from retention.ports import Tasks
from retention.task import Task, TaskKind, TaskState


class MemoryTasks(Tasks):
    def __init__(self, undo: Undo) -> None:
        self.rows: Rows[str, Task] = Rows(undo)

    def find(self, task_id: str) -> Task | None:
        return self.rows.get(task_id)

    def open_of(self, conversation_id: str) -> Task | None:
        of_conversation = (one for one in self.rows.values() if one.conversation_id == conversation_id)
        return next((one for one in of_conversation if one.state is TaskState.OPEN), None)

    def add(self, task: Task) -> Task:
        if task.conversation_id is not None and (earlier := self.open_of(task.conversation_id)) is not None:
            return earlier
        if (same := self.find(task.task_id)) is not None:
            return same
        self.rows[task.task_id] = task
        return task

    def count_open(self, kind: TaskKind) -> int:
        return sum(one.kind is kind and one.state is TaskState.OPEN for one in self.rows.values())

    def change(self, before: Task, after: Task) -> Task:
        found = self.find(before.task_id)
        if found is None:
            raise NotFoundError("task", before.task_id)
        if (found.state, found.handler) != (before.state, before.handler):
            raise IllegalMoveError("task", found.task_id, found.state.value, after.state.value)
        self.rows[after.task_id] = after
        return after

    def listed(self, state: TaskState, *, limit: int = 200) -> Sequence[Task]:
        found = [one for one in self.rows.values() if one.state is state]
        if state is TaskState.OPEN:
            return tuple(sorted(found, key=lambda one: (one.due_at, one.task_id))[:limit])
        return tuple(sorted(found, key=_end, reverse=True)[:limit])


def _end(task: Task) -> tuple[datetime, str]:
    assert task.done_at is not None, "a done task was done at some time"
    return task.done_at, task.task_id
