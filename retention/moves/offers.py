"""Offers: put one on the table, accept it, decline it. An offer is words; the ledger makes it money, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid5

from retention import granting
from retention.change import ChangeKind
from retention.conversation import Decision, Expecting
from retention.errors import BudgetExhaustedError
from retention.exposing import expose
from retention.hearing import Reason
from retention.moves import care
from retention.offer import ACTIVE, AFTER_SAVE, GIVEN, Grant, GrantState, NoOffer, Offer, grant_key
from retention.order import Order
from retention.promise import promise
from retention.refusal import Refusal
from retention.reply import Button, OfferCard, Say
from retention.visit import Answer, Judged, Visit, plain, say
from retention.words import moment

GRANTS = UUID("6f0d7c1e-3a55-4c83-9d0b-0c7c9b5a1f10")
"""Namespace of grant ids: the same turn always makes the same id."""

LEAVING = frozenset({"cancel_order", "request_refund"})

ACCEPT = Button(title="接受方案", text="接受方案")
NO_THANKS = Button(title="不用了", text="不用了")
WHY = Button(title="为什么是这个方案", text="为什么是这个方案")
LEAVE = Button(title="直接取消", text="直接取消")
TOLD = frozenset({"small_price_drop", "no_price_drop"})
"""Rules whose reason is a fact of the order and not a cap of the shop: a shopper may hear it."""
OFFER_OPTIONS = {
    ACCEPT.text: "accept_offer",
    WHY.text: "ask_why",
    NO_THANKS.text: "decline_offer",
    LEAVE.text: "leave_now",
    "不需要": "decline_offer",
}


def card(grant: Grant) -> OfferCard:
    return OfferCard(
        grant_id=grant.grant_id,
        title=grant.offer.title,
        value_fen=grant.offer.value_fen,
        expires_at=grant.expires_at.isoformat(),
        why=grant.offer.why,
    )


def existing_grant(visit: Visit, order: Order, reasons: tuple[Reason, ...]) -> Grant | None:
    """What this order was already promised: before any cap is looked at, or asking twice would read as a refusal.

    A grant for a cause named now comes before one for another cause; a given one before a proposal.
    """
    causes = {reason.value for reason in reasons}
    active = [
        grant
        for grant in visit.records.ledger.of_order(order.order_no)
        if grant.offer.cause != AFTER_SAVE  # a thank-you answers no wish
        and grant.state in ACTIVE
        and not (grant.state is GrantState.PROPOSED and grant.expires_at <= visit.now)
    ]
    active.sort(key=lambda grant: (grant.offer.cause in causes, grant.state in GIVEN, grant.created_at))
    return active[-1] if active else None


def put_on_table(visit: Visit, judged: Judged) -> Answer | NoOffer:
    """Decide an offer, reserve its budget and present it; NoOffer when none fits or the pot has just run dry."""
    judged = replace(judged, case=visit.as_promised(judged.case))
    offer, assigned = visit.rules.decide(judged.case, judged.score)
    if assigned is not None:
        expose(visit, judged, assigned)
    if isinstance(offer, NoOffer):
        return _refused(visit, judged, offer)
    version = offer.catalog_version
    try:
        grant = propose(visit, judged, offer)
    except BudgetExhaustedError:
        spent = NoOffer(rule="budget_exhausted", why="本期活动预算已用完", catalog_version=version)
        return _refused(visit, judged, spent)
    if grant.state is not GrantState.PROPOSED or grant.expires_at <= visit.now:
        decided = NoOffer(rule="already_decided", why="这个原因的方案之前已经给过", catalog_version=version)
        return _refused(visit, judged, decided)
    return present(visit, judged, grant, first=True)


def _refused(visit: Visit, judged: Judged, answer: NoOffer) -> NoOffer:
    """Kept for the shop, which wants to know what its rules keep from its shoppers."""
    order = judged.case.order
    visit.records.refusals.add(
        Refusal(
            refusal_id=f"{visit.turn.conversation_id}/{visit.turn.message_id}",
            at=visit.now,
            rule=answer.rule,
            why=answer.why,
            order_no=order.order_no,
            customer_id=order.customer_id,
            conversation_id=visit.turn.conversation_id,
            reasons=tuple(reason.value for reason in judged.case.reasons),
            catalog_version=answer.catalog_version,
        )
    )
    return answer


def propose(visit: Visit, judged: Judged, offer: Offer) -> Grant:
    order = judged.case.order
    grant = Grant(
        grant_id=str(uuid5(GRANTS, f"{visit.turn.conversation_id}/{visit.turn.message_id}")),
        key=grant_key(order.order_no, offer.cause),
        order_no=order.order_no,
        customer_id=order.customer_id,
        conversation_id=visit.turn.conversation_id,
        state=GrantState.PROPOSED,
        offer=offer,
        created_at=visit.now,
        updated_at=visit.now,
        expires_at=visit.now + timedelta(hours=offer.expires_hours),
        model_version=judged.score.model_version,
        rule_version=judged.choice.version,
    )
    kept = visit.records.ledger.propose(grant)
    if kept.grant_id == grant.grant_id:
        audit_grant(visit, kept, "grant_proposed")
    return kept


def present(visit: Visit, judged: Judged, grant: Grant, *, first: bool) -> Answer:
    """Show a proposal. Shown again it is the same proposal, not a better one."""
    spoken = Say(
        key="offer" if first else "offer_still_open",
        values={"pitch": grant.offer.pitch, "title": grant.offer.title, "until": moment(grant.expires_at)},
        buttons=(ACCEPT, WHY, LEAVE if visit.memory.goal in LEAVING else NO_THANKS),
        offer=card(grant),
    )
    memory = replace(
        visit.memory,
        grant_id=grant.grant_id,
        expecting=Expecting.OFFER,
        options=OFFER_OPTIONS,
        rounds=visit.memory.rounds + (1 if first else 0),
        plan=None,
    )
    decision = judged.decision(
        "offered",
        why=grant.offer.why,
        offer_id=grant.offer.offer_id,
        grant_id=grant.grant_id,
        catalog_version=grant.offer.catalog_version,
    )
    return Answer(says=(spoken,), memory=memory, decision=decision)


def accept(visit: Visit) -> Answer:
    """The shopper takes the proposal: issue it, have the order system act on it, keep the order."""
    grant = visit.records.ledger.find(visit.memory.grant_id) if visit.memory.grant_id else None
    if grant is None:
        return Answer(
            says=(say("nothing_to_accept"),),
            memory=replace(visit.memory, expecting=None, options={}),
            decision=plain("informed", "nothing_to_accept"),
        )
    if grant.state is GrantState.PROPOSED and grant.expires_at <= visit.now:
        visit.records.ledger.move(grant.grant_id, GrantState.EXPIRED, at=visit.now)
        audit_grant(visit, grant, "grant_expired")
        return _closed(visit, grant, "offer_expired")
    if grant.state not in ACTIVE:
        return _closed(visit, grant, "offer_gone")
    if grant.state is GrantState.PROPOSED and _is_over(visit, grant):
        visit.records.ledger.move(grant.grant_id, GrantState.EXPIRED, at=visit.now)
        audit_grant(visit, grant, "grant_expired")
        return _closed(visit, grant, "offer_over")
    if grant.state is GrantState.PROPOSED and not _can_still(visit, grant):
        visit.records.ledger.move(grant.grant_id, GrantState.EXPIRED, at=visit.now)
        audit_grant(visit, grant, "grant_expired")
        return _closed(visit, grant, "offer_unfit")
    grant, moved = granting.issue(visit.records, visit.order_system, grant, at=visit.now, actor=grant.actor)
    if not moved:
        return already_granted(visit, grant)
    return Answer(
        says=(
            say("offer_accepted", title=grant.offer.title, promise=promise(grant.offer.terms)),
            *care.after_save(visit, grant.order_no),
        ),
        memory=replace(visit.memory, goal=None, expecting=None, options={}, plan=None),
        decision=grant_decision(grant, "granted"),
    )


def _is_over(visit: Visit, grant: Grant) -> bool:
    """Whether there is no order left to keep: cancelled by the shop, or in another conversation."""
    order = visit.records.orders.find(grant.order_no)
    return order is None or not order.is_open


def _can_still(visit: Visit, grant: Grant) -> bool:
    """Whether the order system would do what cannot be left out of the remedy: without its exchange, one is nothing."""
    if not grant.offer.terms.get("exchange"):
        return True
    order = visit.records.orders.find(grant.order_no)
    return order is not None and visit.order_system.allows(order, ChangeKind.EXCHANGE, now=visit.now)


def already_granted(visit: Visit, grant: Grant) -> Answer:
    return Answer(
        says=(say("already_granted", title=grant.offer.title, when=moment(grant.updated_at)),),
        memory=replace(visit.memory, grant_id=grant.grant_id, expecting=None, options={}),
        decision=grant_decision(grant, "already_granted"),
    )


def promised_before(visit: Visit, judged: Judged, grant: Grant) -> Answer:
    """What was granted is said again, what is on the table is shown again: the same promise, never a better one."""
    if grant.state in GIVEN:
        return already_granted(visit, grant)
    return present(visit, judged, grant, first=visit.memory.grant_id != grant.grant_id)


def withdraw(visit: Visit, state: GrantState) -> Grant | None:
    """Take the proposal off the table, if there is one."""
    grant = visit.records.ledger.find(visit.memory.grant_id) if visit.memory.grant_id else None
    if grant is None or grant.state is not GrantState.PROPOSED:
        return None
    grant, _ = visit.records.ledger.move(grant.grant_id, state, at=visit.now)
    audit_grant(visit, grant, f"grant_{state.value}")
    return grant


def withdraw_all(visit: Visit, order_no: str) -> None:
    """Take every proposal about an order off the table, in whichever conversation it was made."""
    for grant in visit.records.ledger.of_order(order_no):
        if grant.state is GrantState.PROPOSED:
            visit.records.ledger.move(grant.grant_id, GrantState.DECLINED, at=visit.now)
            audit_grant(visit, grant, "grant_declined")


def audit_grant(visit: Visit, grant: Grant, act: str) -> None:
    granting.note(visit.records, grant, act, at=visit.now, actor=grant.actor)


def _closed(visit: Visit, grant: Grant, key: str) -> Answer:
    return Answer(
        says=(say(key, title=grant.offer.title),),
        memory=replace(visit.memory, grant_id=None, expecting=None, options={}),
        decision=grant_decision(grant, key),
    )


def grant_decision(grant: Grant, outcome: str) -> Decision:
    return Decision(
        intervention="compensate",
        rule=f"offer:{grant.offer.offer_id}",
        why=grant.offer.why,
        order_no=grant.order_no,
        offer_id=grant.offer.offer_id,
        grant_id=grant.grant_id,
        outcome=outcome,
        model_version=grant.model_version,
        rule_version=grant.rule_version,
        catalog_version=grant.offer.catalog_version,
    )


def given_by(associate: str, grant: Grant) -> Say:
    """What the shopper reads when a person has granted something."""
    return say("granted_by_associate", associate=associate, title=grant.offer.title, promise=promise(grant.offer.terms))
