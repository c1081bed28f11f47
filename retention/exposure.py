"""A decision that would have offered something: who was in which arm, with what probability, and how the order ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from retention.case import Case, DecideOffer
from retention.event import Event
from retention.kin import ALONE
from retention.offer import Chance, Grant, NoOffer, Offer
from retention.order import Address
from retention.profile import Outcome
from retention.risk import Score

CHAMPION = "champion"
"""The variant of everybody who is not in a challenger's share."""
NOTHING = "none"
"""The action of a decision that offered nothing, for whatever reason. Any other is an offer's id, with ``@`` and the
variant's name where a challenger makes the champion's offer with other terms."""


ORDER_FACTS = frozenset(
    {"final_sale", "return_days", "shipping_insurance", "gift_stock", "payment_url", "variant", "variants"}
)
EVENT_FACTS = frozenset({"hours", "price_fen", "source", "variant", "available", "restock_days"})
"""What offers are decided by, of all that a shop may send: what else it sends may name people."""


class Arm(str, Enum):
    OFFERED = "offered"  # gets what its variant of the catalog decides
    HELD_OUT = "held_out"  # 留白组: gets no money, so that the others can be compared with it


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """What a customer's arm makes of one case.

    ``offer`` is what the customer's variant decided, given or not; None when it offers nothing. ``chances`` holds the
    probability of every action, over all customers in this very case; they sum to 1. ``terms`` are what the offers among
    them hold. ``on_trial`` are those of them, of all variants, that a hold-out is refused.
    """

    arm: Arm
    variant: str
    cause: str
    offer: Offer | None
    action: str
    chances: Mapping[str, float]
    terms: Mapping[str, Mapping[str, object]]
    on_trial: Mapping[str, Chance]  # by action
    catalog_version: str

    @property
    def propensity(self) -> float:
        return self.chances[self.action]


Decided = tuple[Offer | NoOffer, Assignment | None]
"""What the customer gets, and what there is to record of it: None when nothing is varied in this case."""
DecideVaried = Callable[[Case, Score], Decided]
"""Both at once: what offers are chosen by may be learnt anew between two questions."""


def unvaried(decide: DecideOffer) -> DecideVaried:
    """A shop without an experiment."""
    return lambda case, score: (decide(case, score), None)


@dataclass(frozen=True, kw_only=True)
class Exposure:
    """One row of the experiment, written with the decision and settled once.

    ``offer_id`` is what the customer's variant would offer, in both arms. ``outcome`` is undecided until ``settled_at``;
    then ``kept_fen`` is the margin of an order that was kept and ``spent_fen`` the expected cost of what was granted for
    it by anybody. ``next_at`` is when settlement looks at it next.
    """

    exposure_id: str
    conversation_id: str
    order_no: str
    customer_id: str  # empty once erased
    at: datetime
    next_at: datetime
    arm: Arm
    variant: str
    offer_id: str | None
    action: str
    propensity: float
    chances: Mapping[str, float]
    terms: Mapping[str, Mapping[str, object]]  # by action: the same offer with other terms is another one
    cause: str
    tier: str
    province: str
    channel: str
    is_new: bool  # the customer's first order
    probability: float
    margin_fen: int
    synthetic: bool
    catalog_version: str
    model_version: str
    rule_version: str
    outcome: Outcome = Outcome.UNDECIDED
    kept_fen: int = 0
    spent_fen: int = 0
    settled_at: datetime | None = None

    @property
    def unit(self) -> str:
        """Whom the hold-out was drawn by: the customer, or the order once its customer is erased."""
        return self.customer_id or f"order:{self.order_no}"


@dataclass(frozen=True, kw_only=True)
class Settlement:
    outcome: Outcome
    kept_fen: int
    spent_fen: int
    at: datetime


def settled(exposure: Exposure, how: Settlement) -> Exposure:
    return replace(exposure, outcome=how.outcome, kept_fen=how.kept_fen, spent_fen=how.spent_fen, settled_at=how.at)


def exposure_id(conversation_id: str, order_no: str, cause: str) -> str:
    return f"{conversation_id}/{order_no}/{cause}"


def remembered(case: Case) -> Case:
    """The case as it may be kept for a replay: what an engine decides by, and nothing about who it was."""
    order, customer = case.order, case.customer
    province = Address(province=order.address.province, city="", district="", detail="", receiver="", phone="")
    known = {name: value for name, value in order.attributes.items() if name in ORDER_FACTS}
    return replace(
        case,
        order=replace(order, customer_id="", address=province, attributes=known),
        customer=replace(customer, customer_id="", name="", attributes={}),
        events=tuple(_impersonal(event) for event in case.events),
        grants=tuple(_nobodys(grant) for grant in case.grants),
        customer_grants=tuple(_nobodys(grant) for grant in case.customer_grants),
        hearings=(),
        kin=ALONE,
    )


def _impersonal(event: Event) -> Event:
    data = {name: value for name, value in event.data.items() if name in EVENT_FACTS}
    return replace(event, customer_id=None, data=data)


def _nobodys(grant: Grant) -> Grant:
    return replace(grant, customer_id="", conversation_id=None, actor="")
