"""What platforms delivered, and what has to go to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from integrations.memory.contacts import MemoryContacts
from integrations.memory.rows import Rows, Undo
from retention.contact import Delivery, Outgoing, OutgoingState
from retention.contact_ports import Deliveries, Outbox

GONE = frozenset({OutgoingState.SENT, OutgoingState.ANSWERED, OutgoingState.SKIPPED})


class MemoryDeliveries(Deliveries):
    def __init__(self, undo: Undo) -> None:
        self.rows: Rows[str, Delivery] = Rows(undo)
        self.nonce_rows: Rows[str, tuple[str, datetime]] = Rows(undo)

    def once(self, nonce: str, content: str, at: datetime) -> tuple[str, datetime]:
        if nonce not in self.nonce_rows:
            self.nonce_rows[nonce] = (content, at)
        return self.nonce_rows[nonce]

    def add(self, delivery: Delivery) -> Delivery:
        if delivery.delivery_id not in self.rows:
            self.rows[delivery.delivery_id] = delivery
        return self.rows[delivery.delivery_id]

    def put(self, delivery: Delivery) -> None:
        self.rows[delivery.delivery_id] = delivery

    def undone(self, before: datetime, *, limit: int = 100) -> Sequence[Delivery]:
        found = [one for one in self.rows.values() if one.at < before and not one.done]
        return tuple(sorted(found, key=lambda one: (one.at, one.delivery_id))[:limit])

    def purge(self, before: datetime) -> int:
        old = [key for key, one in self.rows.items() if one.at < before and one.done]
        used = [key for key, (_, at) in self.nonce_rows.items() if at < before]
        for key in old:
            del self.rows[key]
        for key in used:
            del self.nonce_rows[key]
        return len(old) + len(used)


class MemoryOutbox(Outbox):
    def __init__(self, undo: Undo, contacts: MemoryContacts) -> None:
        self.rows: Rows[int, Outgoing] = Rows(undo)
        self._contacts = contacts
        self._last = 0

    def queue(self, conversation_id: str, seq: int, at: datetime) -> None:
        """Put a message into the outbox when somebody on a platform is in the conversation."""
        contact = self._contacts.of_conversation(conversation_id)
        if contact is None:
            return
        self._last += 1
        self.rows[self._last] = Outgoing(
            position=self._last,
            contact_id=contact.contact_id,
            conversation_id=conversation_id,
            seq=seq,
            state=OutgoingState.WAITING,
            next_at=max(at, contact.held_until),
        )

    def due(self, now: datetime, *, limit: int = 50) -> Sequence[Outgoing]:
        heads: dict[str, Outgoing] = {}
        for position in sorted(self.rows):
            one = self.rows[position]
            if one.state is OutgoingState.WAITING:
                heads.setdefault(one.contact_id, one)
        found = [one for one in heads.values() if one.next_at <= now]
        return tuple(sorted(found, key=lambda one: (one.next_at, one.position))[:limit])

    def claim(self, outgoing: Outgoing, *, now: datetime, until: datetime) -> bool:
        one = self.rows.get(outgoing.position)
        if one is None or one.state is not OutgoingState.WAITING or one.next_at > now:
            return False
        self.rows[one.position] = replace(one, next_at=until, attempts=one.attempts + 1)
        return True

    def put(self, outgoing: Outgoing) -> None:
        if outgoing.position in self.rows:  # else it was erased meanwhile
            self.rows[outgoing.position] = outgoing

    def answer(self, contact_id: str, conversation_id: str, seqs: Sequence[int]) -> bool:
        first = self.waiting(contact_id)[: len(seqs)]
        if [(one.conversation_id, one.seq, one.attempts) for one in first] != [(conversation_id, s, 0) for s in seqs]:
            return False
        for one in first:
            self.rows[one.position] = replace(one, state=OutgoingState.ANSWERED)
        return True

    def of(self, conversation_id: str, seqs: Sequence[int]) -> Sequence[Outgoing]:
        found = [one for one in self.rows.values() if one.conversation_id == conversation_id and one.seq in seqs]
        return tuple(sorted(found, key=lambda one: one.seq))

    def release(self, contact_id: str, now: datetime) -> None:
        for one in self.waiting(contact_id):
            if one.attempts == 0 and one.next_at > now:
                self.rows[one.position] = replace(one, next_at=now)

    def waiting(self, contact_id: str) -> Sequence[Outgoing]:
        found = [
            one for one in self.rows.values() if one.contact_id == contact_id and one.state is OutgoingState.WAITING
        ]
        return tuple(sorted(found, key=lambda one: one.position))

    def purge(self, before: datetime) -> int:
        gone = [key for key, one in self.rows.items() if one.state in GONE and one.next_at < before]
        for key in gone:
            del self.rows[key]
        return len(gone)
