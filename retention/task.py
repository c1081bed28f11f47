"""What an associate still has to do for a shopper outside a conversation: call them back, or care for an order in danger."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from retention.errors import IllegalMoveError


class TaskKind(str, Enum):
    CALL_BACK = "call_back"  # 回电
    REACH_OUT = "reach_out"  # 主动关怀: there is no way to write to this shopper


class TaskState(str, Enum):
    OPEN = "open"
    DONE = "done"


@dataclass(frozen=True, kw_only=True)
class Task:
    """``contact`` is how to reach the shopper; only ``handler``, who took the task, sees it whole.

    ``wish`` is what it is about: the shopper's own words, or the shop's for what nobody asked. ``due_at`` is until when
    the shopper was promised to hear from us, or should.
    """

    task_id: str
    kind: TaskKind
    conversation_id: str | None  # a call-back has one
    contact: str
    wish: str
    opened_at: datetime
    due_at: datetime
    state: TaskState = TaskState.OPEN
    customer_id: str | None = None
    order_no: str | None = None
    handler: str | None = None
    done_by: str | None = None
    done_at: datetime | None = None
    note: str = ""

    def taken(self, associate: str) -> Task:
        if self.state is not TaskState.OPEN or self.handler not in (None, associate):
            raise self._refusal("take")
        return replace(self, handler=associate)

    def done(self, associate: str, note: str, *, at: datetime) -> Task:
        if self.state is not TaskState.OPEN or self.handler not in (None, associate):
            raise self._refusal(TaskState.DONE.value)
        return replace(self, state=TaskState.DONE, handler=associate, done_by=associate, done_at=at, note=note)

    def _refusal(self, move: str) -> IllegalMoveError:
        return IllegalMoveError("task", self.task_id, self.state.value, move)
