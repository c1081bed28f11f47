"""What a messaging channel keeps: its contacts, what came, what has to go, and what lets us ask the platform."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime

from retention.contact import AccessToken, Contact, Cursor, Delivery, Outgoing


class Contacts(ABC):
    """People on messaging platforms."""

    @abstractmethod
    def find(self, contact_id: str) -> Contact | None: ...

    @abstractmethod
    def meet(self, contact: Contact) -> Contact:
        """Insert, or return the one of that id as it is, locked like a conversation."""

    @abstractmethod
    def put(self, contact: Contact) -> None:
        """Insert or replace."""

    @abstractmethod
    def of_conversation(self, conversation_id: str) -> Contact | None:
        """Who is in it now."""

    @abstractmethod
    def customer_of(self, channel: str, app_id: str, external_id: str) -> str | None:
        """Which customer the shop says this person is."""

    @abstractmethod
    def vouch(self, channel: str, app_id: str, external_id: str, customer_id: str) -> None:
        """Keep the shop's word; a later word replaces it."""


class Deliveries(ABC):
    """What platforms delivered, so that nothing is dealt with twice and nothing is lost halfway."""

    @abstractmethod
    def once(self, nonce: str, content: str, at: datetime) -> tuple[str, datetime]:
        """(content, at) under which this nonce was used first."""

    @abstractmethod
    def add(self, delivery: Delivery) -> Delivery:
        """Insert, or return the one of that id as it is."""

    @abstractmethod
    def put(self, delivery: Delivery) -> None:
        """Insert or replace."""

    @abstractmethod
    def undone(self, before: datetime, *, limit: int = 100) -> Sequence[Delivery]:
        """Delivered before that time and still not dealt with, oldest first."""

    @abstractmethod
    def purge(self, before: datetime) -> int:
        """Forget nonces and deliveries from before that time that are dealt with; returns how many."""


class Outbox(ABC):
    """What has to reach contacts. ``Messages.add`` writes it, in the same transaction as the transcript."""

    @abstractmethod
    def due(self, now: datetime, *, limit: int = 50) -> Sequence[Outgoing]:
        """The first waiting one of each contact, when its time has come; longest due first."""

    @abstractmethod
    def claim(self, outgoing: Outgoing, *, now: datetime, until: datetime) -> bool:
        """Count an attempt and keep everybody else from it until then; False when another was first."""

    @abstractmethod
    def put(self, outgoing: Outgoing) -> None:
        """Replace the one of that position."""

    @abstractmethod
    def answer(self, contact_id: str, conversation_id: str, seqs: Sequence[int]) -> bool:
        """Mark these as answered, unless one of them was tried or an earlier message still waits: then nothing is."""

    @abstractmethod
    def of(self, conversation_id: str, seqs: Sequence[int]) -> Sequence[Outgoing]: ...

    @abstractmethod
    def release(self, contact_id: str, now: datetime) -> None:
        """What waits untried for this contact need not wait any longer."""

    @abstractmethod
    def waiting(self, contact_id: str) -> Sequence[Outgoing]:
        """First to go first."""

    @abstractmethod
    def purge(self, before: datetime) -> int:
        """Forget those that arrived or were skipped before that time; the dead stay. Returns how many."""


class AccessTokens(ABC):
    @abstractmethod
    def find(self, account: str) -> AccessToken | None: ...

    @abstractmethod
    def put(self, token: AccessToken) -> None:
        """Insert or replace, and let the next refresher in."""

    @abstractmethod
    def lease(self, account: str, *, now: datetime, until: datetime) -> bool:
        """Whether the caller may fetch a new token; nobody else may until then."""


class Cursors(ABC):
    @abstractmethod
    def find(self, desk: str) -> Cursor | None: ...

    @abstractmethod
    def put(self, cursor: Cursor) -> None:
        """Insert or replace."""

    @abstractmethod
    def asked(self, before: datetime) -> Sequence[Cursor]:
        """Those whose messages were announced before that time and not fetched since."""
