"""Everything a decision may look at, frozen: decisions are pure functions over one case."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from retention.course import Step
from retention.customer import Customer
from retention.event import Event
from retention.hearing import UNHEARD, Hearing, Reason
from retention.kin import ALONE, Kin
from retention.offer import Grant, NoOffer, Offer
from retention.order import Order
from retention.risk import Choice, Score


@dataclass(frozen=True, kw_only=True)
class Case:
    """One order and the moment.

    ``hearings`` are those of the conversation so far, oldest first, this turn's last; empty for a server-to-server
    question. ``grants`` are the order's, ``customer_grants`` the customer's in the cap window, both in every state.
    ``goal`` is the intent the shopper came with; ``reasons`` every reason stated, or inferred from the facts by the
    desk when none was. ``spent`` is what the shop reserved or used, in fen: since when -> offer id -> how much, for the
    moments its caps ask for.
    """

    now: datetime
    order: Order
    customer: Customer
    events: tuple[Event, ...] = ()
    grants: tuple[Grant, ...] = ()
    customer_grants: tuple[Grant, ...] = ()
    hearings: tuple[Hearing, ...] = ()
    goal: str | None = None
    reasons: tuple[Reason, ...] = ()
    rounds: int = 0
    spent: Mapping[datetime, Mapping[str, int]] = field(default_factory=dict)
    kin: Kin = ALONE

    @property
    def hearing(self) -> Hearing:
        """This turn's."""
        return self.hearings[-1] if self.hearings else UNHEARD


ScoreCase = Callable[[Case], Score]
ScoreCases = Callable[[Sequence[Case]], Sequence[Score]]
"""As ``ScoreCase`` of each, in their order."""
ChooseIntervention = Callable[[Case, Score], Choice]
DecideOffer = Callable[[Case, Score], "Offer | NoOffer"]
WantsPerson = Callable[[tuple[Step, ...]], "str | None"]
"""The rule that calls for a person on this course (oldest first, the message to answer last), or None."""


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """The most a person may still give in a case, over all offers, and the cap that says so in Chinese."""

    left_fen: int
    why: str


AskAllowance = Callable[[Case], Allowance]
AfterSave = Callable[[Case], "tuple[Offer, ...]"]
"""What the shop gives by itself once an order is kept, without a question."""
SpentSince = Callable[[datetime], Collection[datetime]]
"""Now -> the moments since which ``Case.spent`` must be counted."""
