"""The conversation profile: what the turns so far add up to. Pure; rebuilt from the last profile and one turn."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from retention.conversation import Conversation, Decision
from retention.hearing import Hearing
from retention.offer import Grant
from retention.profile import Mood, Outcome, Profile

MOODS_KEPT = 200
FIXED_BY = frozenset(
    {
        "expedited",
        "variant_amended",
        "address_amended",
        "exchange_requested",
        "part_cancelled",
        "part_refund_requested",
        "substituted",
        "merged",
        "split",
    }
)
KEPT_BY = FIXED_BY | {"granted", "already_granted", "kept", "declined"}
LOST_BY = frozenset({"cancelled", "refund_requested"})
CHANGED_BY = FIXED_BY | LOST_BY | {"pick_up_booked"}


def begun(conversation: Conversation) -> Profile:
    return Profile(
        conversation_id=conversation.conversation_id,
        customer_id=conversation.customer_id,
        channel=conversation.channel,
        started_at=conversation.created_at,
        updated_at=conversation.created_at,
    )


def with_turn(
    profile: Profile,
    hearing: Hearing,
    decision: Decision | None,
    *,
    at: datetime,
    granted_fen: int = 0,
    handoff_reason: str | None = None,
) -> Profile:
    """The profile after one more turn. ``granted_fen`` is what this turn issued."""
    outcome = decision.outcome if decision else None
    after = replace(
        profile,
        updated_at=at,
        turns=profile.turns + 1,
        intents=_with(profile.intents, hearing.intent),
        reasons=_with(profile.reasons, *(reason.value for reason in hearing.reasons)),
        moods=(
            *profile.moods[-MOODS_KEPT + 1 :],
            Mood(at=at, emotion=hearing.emotion.value, intensity=hearing.intensity, sentiment=hearing.sentiment),
        ),
        granted_fen=profile.granted_fen + granted_fen,
        handoff_reason=handoff_reason or profile.handoff_reason,
    )
    if decision is None:
        return after
    return replace(
        after,
        order_no=decision.order_no or after.order_no,
        risk_probability=after.risk_probability if decision.probability is None else decision.probability,
        risk_band=decision.band or after.risk_band,
        interventions=_with(after.interventions, decision.intervention),
        offers=_with(after.offers, decision.offer_id) if outcome == "offered" and decision.offer_id else after.offers,
        grants=_with(after.grants, decision.grant_id) if outcome == "granted" and decision.grant_id else after.grants,
        changes=_with(after.changes, outcome) if outcome in CHANGED_BY and outcome else after.changes,
        outcome=_outcome(after.outcome, outcome),
    )


def with_grant(profile: Profile, grant: Grant, *, at: datetime) -> Profile:
    """The profile after an associate has issued something."""
    return replace(
        profile,
        updated_at=at,
        order_no=grant.order_no,
        grants=_with(profile.grants, grant.grant_id),
        granted_fen=profile.granted_fen + grant.offer.value_fen,
        outcome=_outcome(profile.outcome, "granted"),
    )


def _outcome(before: Outcome, outcome: str | None) -> Outcome:
    """Kept today is only a deflection; retained is for settlement to say."""
    if outcome in LOST_BY:
        return Outcome.LOST
    if outcome in KEPT_BY and before is not Outcome.LOST:
        return Outcome.DEFLECTED
    return before


def _with(values: tuple[str, ...], *more: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*values, *more)))
