"""What was understood of one message."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Reason(str, Enum):
    """Why an order is in danger, as the shopper states it."""

    PRICE = "price"
    LOGISTICS = "logistics"
    SIZE = "size"
    STOCK = "stock"
    QUALITY = "quality"
    SERVICE = "service"
    PAYMENT = "payment"
    MISTAKE = "mistake"  # the shopper's own slip
    CHANGED_MIND = "changed_mind"
    OTHER = "other"


class Emotion(str, Enum):
    NEUTRAL = "neutral"
    ANGRY = "angry"
    DISAPPOINTED = "disappointed"
    ANXIOUS = "anxious"
    PLEASED = "pleased"


class EntityKind(str, Enum):
    """What a piece of a message names; ``value`` of the entity is normalised as said here."""

    ORDER_NO = "order_no"  # as typed, upper case
    PHONE = "phone"  # digits
    AMOUNT = "amount"  # fen, decimal digits
    SIZE = "size"  # upper case: XL, 42
    COLOUR = "colour"  # without 色: 黑
    QUANTITY = "quantity"  # decimal digits
    DURATION = "duration"  # hours, decimal digits
    PROVINCE = "province"
    CITY = "city"
    DISTRICT = "district"
    DETAIL = "detail"  # street, number, building
    RECEIVER = "receiver"
    HEIGHT = "height"  # of the shopper: centimetres, decimal digits
    WEIGHT = "weight"  # of the shopper: kilograms, a decimal number
    USUAL_SIZE = "usual_size"  # what they usually wear, as SIZE
    SLOT = "slot"  # a day and hours to come: "+1 14-18", "w6 ?", "W3 ?" (next week), "11-28 9-12", "? 14-18"
    FIX = "fix"  # what is to be done about an order: merge_orders, ship_apart, advise_size, part_of_order, pick_up


@dataclass(frozen=True, kw_only=True)
class Entity:
    kind: EntityKind
    value: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class Before:
    """What came just before a message: the shopper's message before it and the bot's answer to that."""

    said: str
    answered: str


@dataclass(frozen=True, kw_only=True)
class Hearing:
    """One message, heard.

    ``confidence`` and ``ranking`` are calibrated probabilities; ``intensity`` is 0..1, ``sentiment`` -1..1;
    ``escalate`` is the probability that a good supervisor would take over on this message alone, ``escalate_now`` the
    same for the message after what came just before it.
    """

    intent: str
    confidence: float
    ranking: tuple[tuple[str, float], ...] = ()
    reasons: tuple[Reason, ...] = ()
    emotion: Emotion = Emotion.NEUTRAL
    intensity: float = 0.0
    sentiment: float = 0.0
    escalate: float = 0.0
    escalate_now: float = 0.0
    entities: tuple[Entity, ...] = ()

    def first(self, kind: EntityKind) -> str | None:
        """The normalised value of the first entity of a kind."""
        return next((entity.value for entity in self.entities if entity.kind is kind), None)


UNHEARD = Hearing(intent="out_of_scope", confidence=0.0)
