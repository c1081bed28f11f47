"""Writing down what happened around one order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from retention.event import Event
from twin.dice import Dice
from twin.life import Life

_NOTHING: Mapping[str, object] = {}


@dataclass(frozen=True, kw_only=True)
class Record:
    """``life`` bounds what can have happened by the moment."""

    dice: Dice
    order_no: str
    customer_id: str
    life: Life

    def at(self, at: datetime, kind: str, number: int | str = 0, data: Mapping[str, object] = _NOTHING) -> Event:
        """One event; ``number`` tells those of a kind apart."""
        return Event(
            event_id=f"{self.order_no}-{kind}-{number}",
            kind=kind,
            at=at,
            order_no=self.order_no,
            customer_id=self.customer_id,
            data=data,
        )

    def many(
        self, count: int, kind: str, data: Mapping[str, object] = _NOTHING, *, until: datetime | None = None
    ) -> list[Event]:
        """So many events of a kind, spread from the order to ``until`` (the moment unless said)."""
        start, end = self.life.placed_at, until or self.life.moment
        page = f"{data['page']}-" if "page" in data else ""
        return [
            self.at(start + (end - start) * self.dice.unit(), kind, f"{page}{number}", data) for number in range(count)
        ]
