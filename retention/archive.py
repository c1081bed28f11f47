"""What a search for conversations asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from retention.conversation import Status

SHORTEST_TAIL = 4


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """All that is said must hold.

    ``words`` are in a message, letters of either case, or are the end of the order's number, or the whole customer id.
    ``associate`` held it. ``since`` <= last change < ``until``. ``before`` is the (last change, id) to go on after.
    """

    words: str = ""
    label: str | None = None
    associate: str | None = None
    status: Status | None = None
    customer_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: tuple[datetime, str] | None = None

    @property
    def order_tail(self) -> str | None:
        """Fewer characters than four end too many numbers to say anything."""
        return self.words if len(self.words) >= SHORTEST_TAIL else None
