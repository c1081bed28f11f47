"""What the associates' screens need of the records, besides conversations and handoffs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime

from retention.archive import Wanted
from retention.canned import CannedReply
from retention.conversation import Conversation, Message
from retention.note import Note
from retention.rating import Rating
from retention.sign_in import SignIn


class Passwords(ABC):
    """Slow on purpose: never call it inside a transaction."""

    @abstractmethod
    def hashed(self, password: str) -> str:
        """Salted: the same password never hashes alike."""

    @abstractmethod
    def fits(self, password_hash: str, password: str) -> bool: ...

    @abstractmethod
    def is_outdated(self, password_hash: str) -> bool:
        """Whether it was made with cheaper parameters than today's."""


class SignIns(ABC):
    @abstractmethod
    def find(self, digest: str) -> SignIn | None:
        """Also one that has expired."""

    @abstractmethod
    def add(self, sign_in: SignIn) -> None:
        """Insert, and forget those that expired before it began."""

    @abstractmethod
    def end(self, digest: str) -> bool:
        """False when it was not there."""

    @abstractmethod
    def end_all(self, name: str) -> int:
        """All of one associate; returns how many there were."""


class Notes(ABC):
    @abstractmethod
    def add(self, note: Note) -> None:
        """Raises NotFoundError for an unknown conversation."""

    @abstractmethod
    def of_conversation(self, conversation_id: str) -> Sequence[Note]:
        """Oldest first."""


class ConversationLabels(ABC):
    """What associates file conversations under."""

    @abstractmethod
    def of_conversation(self, conversation_id: str) -> tuple[str, ...]:
        """Sorted."""

    @abstractmethod
    def put(self, conversation_id: str, labels: frozenset[str]) -> None:
        """Replace them all; raises NotFoundError for an unknown conversation."""

    @abstractmethod
    def used(self, *, limit: int = 200) -> Sequence[tuple[str, int]]:
        """Each label with the number of its conversations, most used first."""


class CannedReplies(ABC):
    @abstractmethod
    def find(self, canned_id: str) -> CannedReply | None: ...

    @abstractmethod
    def usable_by(self, name: str) -> Sequence[CannedReply]:
        """Their own and everybody's, by shortcut; of two with the same shortcut their own comes first."""

    @abstractmethod
    def add(self, reply: CannedReply) -> bool:
        """False when its id, or its owner's shortcut, is there already; then nothing is written."""

    @abstractmethod
    def update(self, reply: CannedReply) -> bool:
        """Replace the one of that id; False when another of its owner has the shortcut. Raises NotFoundError."""

    @abstractmethod
    def remove(self, canned_id: str) -> bool:
        """False when it was not there."""


class Ratings(ABC):
    @abstractmethod
    def find(self, handoff_id: str) -> Rating | None: ...

    @abstractmethod
    def put(self, rating: Rating) -> None:
        """Insert or replace; raises NotFoundError for an unknown handoff."""

    @abstractmethod
    def of_conversation(self, conversation_id: str) -> Sequence[Rating]:
        """Newest first."""

    @abstractmethod
    def of_handoffs_opened(self, since: datetime, until: datetime) -> Mapping[str, Rating]:
        """By handoff id, of handoffs opened in ``since`` <= time < ``until``."""


class Archive(ABC):
    """Conversations by what was said in them and what became of them."""

    @abstractmethod
    def search(self, wanted: Wanted, *, limit: int = 50) -> Sequence[Conversation]:
        """Newest ``updated_at`` first, then by id, last first."""

    @abstractmethod
    def telling(self, conversation_id: str, words: str) -> Message | None:
        """The newest message with these words; without one, the newest of the shopper."""
