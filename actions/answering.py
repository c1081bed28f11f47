"""What the actions need of a desk."""

from __future__ import annotations

from typing import Protocol

from retention.conversation import Turn
from retention.reply import Bubble


class Answered(Protocol):
    """A turn that is done."""

    @property
    def bubbles(self) -> tuple[Bubble, ...]: ...


class AnsweringDesk(Protocol):
    """Synchronous; the same turn again answers the same."""

    def handle(self, turn: Turn) -> Answered: ...

    def ask_back(self, turn: Turn) -> Answered: ...
