"""Who else seems to be behind an account, and how often it came before: counts for a decision, and nobody's name."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from retention.offer import Grant


class TieKind(str, Enum):
    """What two accounts may share."""

    DEVICE = "device"  # the browser or phone the conversation was opened on
    PHONE = "phone"  # the receiver's number of an order
    ADDRESS = "address"  # where an order goes


@dataclass(frozen=True, kw_only=True)
class Tie:
    """``digest`` is the shop's seal over the value; the value itself is not kept."""

    kind: TieKind
    digest: str
    customer_id: str
    seen_at: datetime  # last


@dataclass(frozen=True, kw_only=True)
class Relative:
    """Another account: what it shares, and its grants of the window in every state."""

    ties: frozenset[TieKind]
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Kin:
    """``attempts``: when the customer, in other conversations of the window, wanted to leave and was offered something."""

    relatives: tuple[Relative, ...] = ()
    attempts: tuple[datetime, ...] = ()

    def by(self, ties: Collection[TieKind]) -> tuple[Relative, ...]:
        """The relatives that share one of these."""
        return tuple(each for each in self.relatives if not each.ties.isdisjoint(ties))


ALONE = Kin()
"""Nobody else is known."""
