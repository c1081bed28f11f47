"""Recording a decision that would have offered something, in the transaction that makes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from retention.exposure import Assignment, Exposure, exposure_id, remembered
from retention.ports import Records
from retention.visit import Judged, Visit

FIRST_LOOK = timedelta(days=1)
"""Settlement says itself how long an order takes; it is asked no sooner than this."""


def expose(visit: Visit, judged: Judged) -> None:
    """Record which arm this decision belongs to, once for a conversation, order and cause.

    Nothing is recorded where the arms would not differ: no variant offers anything, or the pot is dry for both.
    """
    assigned = visit.rules.assign(judged.case, judged.score)
    if assigned is None or not _affordable(visit.records, assigned):
        return
    case, order, customer = judged.case, judged.case.order, judged.case.customer
    exposure = Exposure(
        exposure_id=exposure_id(visit.turn.conversation_id, order.order_no, assigned.cause),
        conversation_id=visit.turn.conversation_id,
        order_no=order.order_no,
        customer_id=customer.customer_id,
        at=visit.now,
        next_at=visit.now + FIRST_LOOK,
        arm=assigned.arm,
        variant=assigned.variant,
        offer_id=assigned.offer.offer_id if assigned.offer else None,
        action=assigned.action,
        propensity=assigned.propensity,
        chances=assigned.chances,
        terms=assigned.terms,
        cause=assigned.cause,
        tier=customer.tier,
        province=order.address.province,
        channel=visit.conversation.channel,
        is_new=customer.lifetime_orders == 0,
        probability=judged.score.probability,
        margin_fen=order.margin_fen,
        synthetic=_is_synthetic(order.attributes) or _is_synthetic(customer.attributes),
        catalog_version=assigned.catalog_version,
        model_version=judged.score.model_version,
        rule_version=judged.choice.version,
    )
    visit.records.exposures.add(exposure, remembered(case))


def _affordable(records: Records, assigned: Assignment) -> bool:
    """Looked at in both arms alike: an order that no pot could have paid for shows nothing about offers."""
    pots = [(records.ledger.budget(offer.budget), offer.reserve_fen) for offer in assigned.on_trial]
    return all(pot is not None and reserve_fen <= pot.left_fen for pot, reserve_fen in pots)


def _is_synthetic(attributes: Mapping[str, object]) -> bool:
    return attributes.get("synthetic") is True
