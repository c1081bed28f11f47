"""A shop's own help desk: what goes to it of a handoff, what comes back, and how far the two have got."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from retention.handoff import OPEN, Handoff, HandoffState


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """What the help desk needs to begin. ``contact_id`` is the same for one customer and names nobody; ``name`` is masked."""

    handoff_id: str
    contact_id: str
    name: str
    customer_id: str | None
    order_no: str | None


class NewsKind(str, Enum):
    """What somebody did in the help desk."""

    REPLIED = "replied"
    RESOLVED = "resolved"  # the conversation is over
    RETURNED = "returned"  # the bot may go on


@dataclass(frozen=True, kw_only=True)
class News:
    """``external_id`` is the help desk's conversation; ``message_id``, ``text`` and ``agent`` are those of a reply."""

    kind: NewsKind
    external_id: str
    at: datetime | None = None  # by the help desk's clock, where it says
    message_id: str = ""
    text: str = ""
    agent: str = ""


class HelpDesk(ABC):
    """Raises HelpDeskDownError whenever something did not get through or nobody knows whether it did.

    The same call again does nothing twice, as far as the help desk lets us look. ``again`` says that an earlier call may
    have got through.
    """

    @abstractmethod
    def begin(self, ticket: Ticket, *, again: bool) -> str:
        """Open a conversation; its id over there."""

    @abstractmethod
    def forward(self, external_id: str, message_id: str, text: str, *, again: bool) -> None:
        """Something the shopper said. ``message_id`` is unique over all conversations."""

    @abstractmethod
    def note(self, external_id: str, message_id: str, text: str, *, again: bool) -> None:
        """Something only agents see."""

    @abstractmethod
    def end(self, external_id: str) -> None:
        """Nothing is left to do there."""

    @abstractmethod
    def read(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> News | None:
        """What it told us; None for what does not concern us. Header names are lower case. Raises ForgedError."""

    @abstractmethod
    def check(self) -> None:
        """Raises HelpDeskDownError when it cannot be used as it is set up."""

    @abstractmethod
    def close(self) -> None: ...


class LinkState(str, Enum):
    OPEN = "open"
    OVER = "over"  # both sides know that the handoff has ended, or was never known over there
    DEAD = "dead"  # the handoff has ended and the help desk could not be told; a person may try again


@dataclass(frozen=True, kw_only=True)
class Link:
    """A handoff in the help desk. ``seq`` is the last message of the transcript that is over there; ``associate`` is the
    agent in whose name the conversation is held; ``attempts`` counts those since the last success."""

    handoff_id: str
    conversation_id: str
    state: LinkState
    opened_at: datetime
    next_at: datetime
    external_id: str | None = None
    noted: bool = False  # the summary is over there
    seq: int = 0
    associate: str | None = None
    attempts: int = 0
    problem: str = ""


LONGEST_WAIT = timedelta(minutes=1)
MOST_ATTEMPTS = 60


def is_over(link: Link, handoff: Handoff) -> bool:
    """Whether the help desk has nothing to do with it any more: it has ended, or somebody else has it."""
    taken = handoff.state is HandoffState.CLAIMED and handoff.associate != link.associate
    return handoff.state not in OPEN or taken


def got_through(link: Link, *, at: datetime) -> Link:
    return replace(link, attempts=0, problem="", next_at=at)


def missed(link: Link, problem: str, *, at: datetime, over: bool) -> Link:
    """After an attempt that failed. A shopper who waits is tried for as long as they wait; an end is given up one day."""
    if over and link.attempts >= MOST_ATTEMPTS:
        return replace(link, state=LinkState.DEAD, problem=problem)
    wait = min(timedelta(seconds=2 ** min(link.attempts, 10)), LONGEST_WAIT)
    return replace(link, problem=problem, next_at=at + wait)


def revived(link: Link, *, at: datetime) -> Link:
    return replace(link, state=LinkState.OPEN, attempts=0, next_at=at)


class Links(ABC):
    @abstractmethod
    def unlinked(self, *, limit: int = 20) -> Sequence[Handoff]:
        """Handoffs that wait and have no link, longest waiting first."""

    @abstractmethod
    def add(self, link: Link) -> bool:
        """False when the handoff has one already."""

    @abstractmethod
    def find(self, handoff_id: str) -> Link | None: ...

    @abstractmethod
    def of_external(self, external_id: str) -> Link | None:
        """The newest, when the help desk uses one conversation again."""

    @abstractmethod
    def due(self, now: datetime, *, limit: int = 20) -> Sequence[Link]:
        """Open, with ``next_at`` reached and something to do: to begin, to note, to forward or to end."""

    @abstractmethod
    def claim(self, link: Link, *, now: datetime, until: datetime) -> Link | None:
        """Keep others off it ``until`` then and count the attempt; None when another was first."""

    @abstractmethod
    def take(self, handoff_id: str, associate: str) -> Link:
        """Note in whose name it is held unless that is known already; the link as it is then. Raises NotFoundError."""

    @abstractmethod
    def put(self, link: Link) -> None:
        """Replace all but ``associate``; nothing happens when it is gone."""

    @abstractmethod
    def listed(self, states: frozenset[LinkState], *, limit: int = 200) -> Sequence[Link]:
        """Oldest first."""

    @abstractmethod
    def counts(self) -> Mapping[LinkState, int]:
        """Of every state."""
