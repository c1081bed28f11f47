"""Replies that are kept ready."""

from __future__ import annotations

from collections.abc import Sequence

from integrations.memory.rows import Rows, Undo
from retention.canned import CannedReply
from retention.console_ports import CannedReplies
from retention.errors import NotFoundError


class MemoryCannedReplies(CannedReplies):
    def __init__(self, undo: Undo) -> None:
        self.rows: Rows[str, CannedReply] = Rows(undo)

    def find(self, canned_id: str) -> CannedReply | None:
        return self.rows.get(canned_id)

    def usable_by(self, name: str) -> Sequence[CannedReply]:
        found = [one for one in self.rows.values() if one.owner in (None, name)]
        return tuple(sorted(found, key=lambda one: (one.shortcut, one.owner is None)))

    def add(self, reply: CannedReply) -> bool:
        if reply.canned_id in self.rows or self._is_taken(reply):
            return False
        self.rows[reply.canned_id] = reply
        return True

    def update(self, reply: CannedReply) -> bool:
        if reply.canned_id not in self.rows:
            raise NotFoundError("canned_reply", reply.canned_id)
        if self._is_taken(reply):
            return False
        self.rows[reply.canned_id] = reply
        return True

    def remove(self, canned_id: str) -> bool:
        if canned_id not in self.rows:
            return False
        del self.rows[canned_id]
        return True

    def _is_taken(self, reply: CannedReply) -> bool:
        return any(
            (one.owner, one.shortcut) == (reply.owner, reply.shortcut) and one.canned_id != reply.canned_id
            for one in self.rows.values()
        )
