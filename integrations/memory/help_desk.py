"""A help desk in memory: what came to it can be read, and what its agents do comes back by ``read``."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from integrations.codec import decode
from retention.errors import ForgedError, HelpDeskDownError
from retention.help_desk import HelpDesk, News, Ticket

SECRET_HEADER = "x-secret"  # noqa: S105


class MemoryHelpDesk(HelpDesk):
    """``down`` refuses every call. ``read`` takes News as JSON from whoever knows the secret."""

    def __init__(self, *, secret: str = "secret") -> None:  # noqa: S107
        self.tickets: dict[str, Ticket] = {}
        self.forwarded: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self.notes: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self.ended: set[str] = set()
        self.down = False
        self._secret = secret

    def begin(self, ticket: Ticket, *, again: bool) -> str:
        self.check()
        for external_id, known in self.tickets.items():
            if again and known.handoff_id == ticket.handoff_id:
                return external_id
        external_id = str(len(self.tickets) + 1)
        self.tickets[external_id] = ticket
        return external_id

    def forward(self, external_id: str, message_id: str, text: str, *, again: bool) -> None:
        self.check()
        self.forwarded[external_id][message_id] = text

    def note(self, external_id: str, message_id: str, text: str, *, again: bool) -> None:
        self.check()
        self.notes[external_id][message_id] = text

    def end(self, external_id: str) -> None:
        self.check()
        self.ended.add(external_id)

    def read(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> News | None:
        if headers.get(SECRET_HEADER) != self._secret:
            raise ForgedError
        return decode(News, json.loads(body))

    def check(self) -> None:
        if self.down:
            raise HelpDeskDownError("down")

    def close(self) -> None:
        """Nothing is held open."""
