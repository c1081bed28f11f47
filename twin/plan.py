"""An order as placed, before anything has happened to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from retention.order import Order
from twin.life import Life
from twin.market import Shelf
from twin.people import Person

RETURN_WINDOW = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """``life`` is what lies ahead of it; ``order`` holds every time of that life."""

    person: Person
    order: Order
    shelves: tuple[Shelf, ...]
    variant: str | None
    life: Life

    @property
    def settles_at(self) -> datetime:
        """When its outcome is beyond doubt."""
        return self.life.ends_at + RETURN_WINDOW
