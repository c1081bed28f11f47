"""A person on a messaging platform, the conversation they are in, and what was delivered from and to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from retention.inbound import Inbound

WINDOW = timedelta(hours=48)


@dataclass(frozen=True, kw_only=True)
class Contact:
    """Somebody as one account of a platform knows them.

    ``inbound_at`` is when they last did something: most platforms let a shop write for 48 hours after it. Until
    ``held_until`` a direct answer may still be given, so nothing is sent on its own.
    """

    contact_id: str
    channel: str  # wechat | wecom
    app_id: str
    external_id: str
    open_kfid: str
    conversation_id: str  # the one they are in now
    inbound_at: datetime
    held_until: datetime
    taken: bool = False  # a servicer in the platform's own app talks with them, so we do not

    @property
    def open_until(self) -> datetime:
        """Until when the shop may write of its own accord."""
        return self.inbound_at + WINDOW


def contact_id(channel: str, app_id: str, inbound: Inbound) -> str:
    return ":".join((channel, app_id, inbound.open_kfid, inbound.external_id))


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """Something a platform delivered. ``inbound`` is dropped once it is dealt with; the id stays for a day."""

    delivery_id: str
    contact_id: str
    conversation_id: str
    message_id: str
    at: datetime
    inbound: Inbound | None

    @property
    def done(self) -> bool:
        return self.inbound is None


class OutgoingState(str, Enum):
    WAITING = "waiting"
    SENT = "sent"
    ANSWERED = "answered"  # returned as the direct answer to a delivery
    SKIPPED = "skipped"  # a servicer of the platform held the conversation
    DEAD = "dead"  # the platform will not take it


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """A message of the transcript on its way to a contact. ``position`` orders all there are.

    ``parts`` counts the platform's messages it became that are already there.
    """

    position: int
    contact_id: str
    conversation_id: str
    seq: int
    state: OutgoingState
    next_at: datetime
    attempts: int = 0
    parts: int = 0
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class AccessToken:
    """What proves an account to its platform's API."""

    account: str
    token: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """How far a service desk's messages were fetched. ``asked_at``: when the platform last said that there are more."""

    desk: str
    cursor: str = ""
    token: str = ""  # comes with the platform's word and is good for ten minutes
    asked_at: datetime | None = None
