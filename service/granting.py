"""A remedy asked for by an associate or a CRM: through the same engine, caps and ledger as the bot's own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import uuid5

from compensation.catalog import Authority
from compensation.words import GENERAL
from integrations.wiring import Shop
from retention.case import Case
from retention.errors import NotFoundError
from retention.granting import issue, note
from retention.hearing import Reason
from retention.moves.offers import GRANTS
from retention.offer import ACTIVE, GIVEN, Grant, GrantState, NoOffer, Offer, grant_key
from retention.ports import Records
from retention.words import without_numbers
from service.cases import case_of


@dataclass(frozen=True, kw_only=True)
class Wish:
    """``write_id`` is unique per request: the same request makes the same grant. ``offer_id`` None takes the best.

    Without ``reasons`` it answers none in particular. ``by`` says whose authority it is given with; ``override`` is why
    a person gives what the guard withholds.
    """

    write_id: str
    order_no: str
    reasons: tuple[Reason, ...]
    offer_id: str | None
    actor: str
    by: Authority = Authority.BOT
    conversation_id: str | None = None
    goal: str | None = None
    override: str | None = None


def give(shop: Shop, records: Records, wish: Wish) -> Grant | NoOffer:
    """Issue the remedy, or the one this order already has for that reason; NoOffer says what rules it out.

    Raises NotFoundError for an unknown order, BudgetExhaustedError.
    """
    records.ledger.lock(_customer_of(records, wish.order_no))
    case = case_of(
        shop, records, wish.order_no, reasons=wish.reasons, conversation_id=wish.conversation_id, deciding=True
    )
    case = replace(case, goal=wish.goal)
    standing = standing_for(case, wish)
    if standing is not None:
        return _issued(shop, records, standing, wish.actor)
    offer = _chosen(shop, case, wish)
    if isinstance(offer, NoOffer):
        return offer
    grant = records.ledger.propose(_proposal(shop, case, wish, offer))
    if grant.state not in ACTIVE:
        return NoOffer(rule="already_decided", why="这个原因的方案之前已经给过", catalog_version=offer.catalog_version)
    issued = _issued(shop, records, grant, wish.actor)
    if wish.override is not None:
        _note_override(shop, records, case, issued, wish.override)
    return issued


def standing_for(case: Case, wish: Wish) -> Grant | None:
    """What the order was promised for these reasons comes before any cap: asking twice must not read as a refusal."""
    causes = {reason.value for reason in wish.reasons} or {GENERAL}
    return next(
        (
            grant
            for grant in case.grants
            if grant.offer.cause in causes and wish.offer_id in (None, grant.offer.offer_id) and stands(grant, case)
        ),
        None,
    )


def stands(grant: Grant, case: Case) -> bool:
    """Whether the order may count on it: given, or on the table and not expired while there is an order to keep."""
    is_open = grant.state is GrantState.PROPOSED and grant.expires_at > case.now and case.order.is_open
    return is_open or grant.state in GIVEN


def _customer_of(records: Records, order_no: str) -> str:
    order = records.orders.find(order_no)
    if order is None:
        raise NotFoundError("order", order_no)
    return order.customer_id


def _chosen(shop: Shop, case: Case, wish: Wish) -> Offer | NoOffer:
    ranked = shop.engine.quote(case, shop.rules.score(case), by=wish.by)
    if wish.override is None:
        ranked = shop.guard.sift(case, ranked)
    named = [candidate for candidate in ranked if wish.offer_id in (None, candidate.offer_id)]
    if not named:
        return NoOffer(rule="no_answer", why="方案目录里没有针对该原因的这个方案", catalog_version=shop.engine.version)
    best = named[0]
    return best.offer or NoOffer(rule=best.rule, why=best.why, catalog_version=shop.engine.version)


def _note_override(shop: Shop, records: Records, case: Case, grant: Grant, why: str) -> None:
    """On record with the grant and on what was refused for this order, so that a rule that errs often shows."""
    row = shop.guard.against(case, grant.offer)
    if row is not None:
        note(
            records,
            grant,
            "guard_overridden",
            at=case.now,
            actor=grant.actor,
            why=f"{row.title}：{without_numbers(why)}",
        )
        records.refusals.override(case.order.order_no, [row.name], by=grant.actor)


def _proposal(shop: Shop, case: Case, wish: Wish, offer: Offer) -> Grant:
    return Grant(
        grant_id=str(uuid5(GRANTS, wish.write_id)),
        key=grant_key(wish.order_no, offer.cause),
        order_no=wish.order_no,
        customer_id=case.order.customer_id,
        conversation_id=wish.conversation_id,
        state=GrantState.PROPOSED,
        offer=offer,
        created_at=case.now,
        updated_at=case.now,
        expires_at=case.now + timedelta(hours=offer.expires_hours),
        actor=wish.actor,
        model_version=shop.risk.version,
        rule_version=shop.interception.version,
    )


def _issued(shop: Shop, records: Records, grant: Grant, actor: str) -> Grant:
    return issue(records, shop.order_system, grant, at=shop.clock(), actor=actor)[0]
