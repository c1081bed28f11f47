"""People on messaging platforms, and what lets us ask the platform."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from integrations.memory.rows import Rows, Undo
from retention.contact import AccessToken, Contact, Cursor
from retention.contact_ports import AccessTokens, Contacts, Cursors


class MemoryContacts(Contacts):
    def __init__(self, undo: Undo) -> None:
        self.rows: Rows[str, Contact] = Rows(undo)
        self.customer_rows: Rows[tuple[str, str, str], str] = Rows(undo)

    def find(self, contact_id: str) -> Contact | None:
        return self.rows.get(contact_id)

    def meet(self, contact: Contact) -> Contact:
        if contact.contact_id not in self.rows:
            self.rows[contact.contact_id] = contact
        return self.rows[contact.contact_id]

    def put(self, contact: Contact) -> None:
        self.rows[contact.contact_id] = contact

    def of_conversation(self, conversation_id: str) -> Contact | None:
        return next((one for one in self.rows.values() if one.conversation_id == conversation_id), None)

    def customer_of(self, channel: str, app_id: str, external_id: str) -> str | None:
        return self.customer_rows.get((channel, app_id, external_id))

    def vouch(self, channel: str, app_id: str, external_id: str, customer_id: str) -> None:
        self.customer_rows[channel, app_id, external_id] = customer_id


class MemoryAccessTokens(AccessTokens):
    def __init__(self, undo: Undo) -> None:
        self.rows: Rows[str, AccessToken] = Rows(undo)
        self._leases: Rows[str, datetime] = Rows(undo)

    def find(self, account: str) -> AccessToken | None:
        return self.rows.get(account)

    def put(self, token: AccessToken) -> None:
        self.rows[token.account] = token
        if token.account in self._leases:
            del self._leases[token.account]

    def lease(self, account: str, *, now: datetime, until: datetime) -> bool:
        if account in self._leases and self._leases[account] > now:
            return False
        self._leases[account] = until
        return True


class MemoryCursors(Cursors):
    def __init__(self, undo: Undo) -> None:
        self.rows: Rows[str, Cursor] = Rows(undo)

    def find(self, desk: str) -> Cursor | None:
        return self.rows.get(desk)

    def put(self, cursor: Cursor) -> None:
        self.rows[cursor.desk] = cursor

    def asked(self, before: datetime) -> Sequence[Cursor]:
        found = [(one.asked_at, one) for one in self.rows.values() if one.asked_at is not None]
        return tuple(one for at, one in sorted(found, key=lambda pair: pair[0]) if at < before)
