"""Recording a decision that would have offered something, in the transaction that makes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from retention.exposure import NOTHING, Assignment, Exposure, exposure_id, remembered
from retention.offer import Chance
from retention.ports import Records
from retention.visit import Judged, Visit

FIRST_LOOK = timedelta(days=1)
"""Settlement says itself how long an order takes; it is asked no sooner than this."""


def expose(visit: Visit, judged: Judged, decided: Assignment) -> None:
    """Record which arm this decision belongs to, once for a conversation, order and cause.

    Nothing is recorded where the arms would not differ because every pot is dry.
    """
    assigned = _affordable(visit.records, decided)
    if assigned is None:
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


def _affordable(records: Records, decided: Assignment) -> Assignment | None:
    """With what a dry pot could not have paid as nothing, in both arms alike; None when no pot could have paid."""
    dry = {action for action, chance in decided.on_trial.items() if not _can_pay(records, chance)}
    if dry.issuperset(decided.on_trial):
        return None
    if not dry:
        return decided
    chances = {action: chance for action, chance in decided.chances.items() if action not in dry}
    none = sum(chance for action, chance in decided.chances.items() if action in dry) + chances.get(NOTHING, 0.0)
    action = NOTHING if decided.action in dry else decided.action
    return replace(decided, action=action, chances={**chances, NOTHING: none})


def _can_pay(records: Records, chance: Chance) -> bool:
    pot = records.ledger.budget(chance.budget)
    return pot is not None and chance.reserve_fen <= pot.left_fen


def _is_synthetic(attributes: Mapping[str, object]) -> bool:
    return attributes.get("synthetic") is True
