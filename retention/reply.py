"""What the desk answers: keys and values, not prose. The wording is rendered at the edge."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Button:
    """A shortcut. Pressing it sends ``text`` as the shopper's own message."""

    title: str
    text: str


PERSON = Button(title="转人工", text="转人工")
"""The way to a person, under every reply that cannot settle the matter."""


@dataclass(frozen=True, kw_only=True)
class OfferCard:
    """What a screen shows of an open proposal."""

    grant_id: str
    title: str
    value_fen: int
    expires_at: str  # ISO 8601, UTC
    why: str


@dataclass(frozen=True, kw_only=True)
class Say:
    """One bubble: the wording's key and what it is filled with. ``text`` of a value is already Chinese for a person."""

    key: str
    values: Mapping[str, str] = field(default_factory=dict)
    buttons: tuple[Button, ...] = ()
    offer: OfferCard | None = None


@dataclass(frozen=True, kw_only=True)
class Bubble:
    """A rendered bubble, as stored and sent."""

    text: str
    buttons: tuple[Button, ...] = ()
    offer: OfferCard | None = None


class Wording(ABC):
    """Turns what the desk says into the shop's Chinese."""

    @abstractmethod
    def render(self, say: Say, *, soothing: bool, turn: str) -> Bubble:
        """``soothing`` picks the register for an angry or disappointed shopper; ``turn`` (any id) picks among variants,
        so that the same turn always reads the same. Raises KeyError for an unknown key or a value that is missing."""
