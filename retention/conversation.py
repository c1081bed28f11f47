"""A conversation, its turns, and what the desk remembers between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from retention.attachment import PICTURE_TEXT, Picture
from retention.hearing import Hearing
from retention.reply import Bubble


class Status(str, Enum):
    """Who owns the conversation."""

    BOT = "bot"
    WAITING = "waiting"  # for a person
    HUMAN = "human"
    CLOSED = "closed"


class Expecting(str, Enum):
    """The question the bot asked last, which the next short answer answers."""

    ORDER = "order"  # which order
    REASON = "reason"  # why cancel
    CONFIRM = "confirm"  # yes or no to the plan
    OFFER = "offer"  # accept or decline the proposal
    ADDRESS = "address"
    VARIANT = "variant"  # which size or colour
    LINE = "line"  # which goods of the order
    BUILD = "build"  # height and weight
    PICK_UP = "pick_up"  # when the goods are fetched
    PRODUCT = "product"  # exchange for what
    CLARIFY = "clarify"  # which of two readings
    PERSON = "person"  # whether a person should take over
    CONTACT = "contact"  # how to call back


@dataclass(frozen=True, kw_only=True)
class PlanStep:
    """One call of the order system: ``kind`` is a ``ChangeKind``, ``change`` its arguments."""

    kind: str
    order_no: str
    change: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What waits for an explicit yes: one write, and ``then`` those that are done with it or not at all."""

    kind: str
    order_no: str
    change: Mapping[str, str] = field(default_factory=dict)
    then: tuple[PlanStep, ...] = ()

    @property
    def steps(self) -> tuple[PlanStep, ...]:
        return (PlanStep(kind=self.kind, order_no=self.order_no, change=self.change), *self.then)

    @classmethod
    def of(cls, steps: Sequence[PlanStep]) -> Plan:
        first = steps[0]
        return cls(kind=first.kind, order_no=first.order_no, change=first.change, then=tuple(steps[1:]))


@dataclass(frozen=True, kw_only=True)
class Memory:
    """What the desk carries from turn to turn. Kept with the conversation, so any process can go on."""

    order_no: str | None = None
    goal: str | None = None  # the intent the shopper came with, while it is open
    reasons: tuple[str, ...] = ()  # every reason stated so far, first stated first
    expecting: Expecting | None = None
    options: Mapping[str, str] = field(default_factory=dict)  # button text -> what it means (an intent or value)
    plan: Plan | None = None
    grant_id: str | None = None  # the proposal on the table, or the last grant made
    unknown_orders: int = 0  # order numbers in a row that led nowhere
    rounds: int = 0  # offers made in this conversation
    asked_reason: bool = False
    misheard: int = 0  # turns in a row the bot did not understand
    sku: str | None = None  # the goods of the order that are talked of, when it has several
    outreach_id: str | None = None  # what was last said unasked, until the shopper answers


@dataclass(frozen=True, kw_only=True)
class Conversation:
    conversation_id: str
    channel: str
    status: Status
    created_at: datetime
    updated_at: datetime
    customer_id: str | None = None  # proven by the shop's token, never typed
    memory: Memory = field(default_factory=Memory)
    traditional: bool = False  # the shopper writes Traditional Chinese: answer in kind


class Author(str, Enum):
    SHOPPER = "shopper"
    BOT = "bot"
    ASSOCIATE = "associate"
    SYSTEM = "system"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Everything a reader needs to see why a turn ended as it did."""

    intervention: str
    rule: str
    why: str
    order_no: str | None = None
    probability: float | None = None
    band: str | None = None
    threshold: float | None = None
    offer_id: str | None = None
    grant_id: str | None = None
    outcome: str | None = None  # what was done: amended, granted, cancelled, handed_off ...
    model_version: str = ""
    rule_version: str = ""
    catalog_version: str = ""
    scenario: str = ""  # of the interception rows; empty where nothing was judged


@dataclass(frozen=True, kw_only=True)
class Message:
    """One entry of the transcript. ``seq`` counts from 1 in its conversation; the store assigns it.

    A shopper's message is a turn: it also carries what was heard, what was decided and the bubbles that answered it.
    ``answered`` is False until its turn is complete.
    """

    conversation_id: str
    message_id: str
    author: Author
    at: datetime
    text: str
    seq: int = 0
    bubble: Bubble | None = None  # buttons and offer of a bot message
    hearing: Hearing | None = None
    decision: Decision | None = None
    answered: bool = False
    associate: str | None = None
    attachment: Picture | None = None

    @property
    def is_picture_only(self) -> bool:
        return self.attachment is not None and self.text == PICTURE_TEXT


@dataclass(frozen=True, kw_only=True)
class Turn:
    """What the desk is asked to handle: one shopper message, heard."""

    conversation_id: str
    message_id: str
    text: str
    hearing: Hearing
