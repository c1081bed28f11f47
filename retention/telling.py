"""Queueing a notice of what has just happened, inside the transaction in which it happens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from retention.handoff import OPEN, Handoff, HandoffState
from retention.notice import Notice, NoticeKind, notice_id
from retention.offer import Grant
from retention.outreach import Outreach
from retention.ports import Records
from retention.risk import Choice, Score

TOLD = 5
"""Reasons of a score that are worth telling, strongest first."""


def tell(
    records: Records,
    kind: NoticeKind,
    subject: str,
    *,
    at: datetime,
    data: Mapping[str, object],
    customer_id: str | None = None,
) -> None:
    """``subject`` is the id of what it happened to; ``data`` is plain JSON."""
    notice = Notice(notice_id=notice_id(kind, subject, at), kind=kind, at=at, data=data, customer_id=customer_id)
    records.dispatches.queue(notice)


def tell_handoff(records: Records, handoff: Handoff, *, at: datetime) -> None:
    """That it was opened, claimed or closed, by the state it is in now."""
    kind = NoticeKind.HANDOFF_CLOSED
    if handoff.state in OPEN:
        waiting = handoff.state is HandoffState.WAITING
        kind = NoticeKind.HANDOFF_OPENED if waiting else NoticeKind.HANDOFF_CLAIMED
    data = {
        "handoff_id": handoff.handoff_id,
        "conversation_id": handoff.conversation_id,
        "state": handoff.state.value,
        "reason": handoff.reason,
        "priority": handoff.priority,
        "opened_at": handoff.opened_at.isoformat(),
        "associate": handoff.associate,
        "order_no": handoff.order_no,
    }
    tell(records, kind, handoff.handoff_id, at=at, data=data, customer_id=handoff.customer_id)


def tell_at_risk(records: Records, outreach: Outreach, choice: Choice, score: Score) -> None:
    """That an order is in danger, once an episode, whatever is done about it."""
    data = {
        "outreach_id": outreach.outreach_id,
        "order_no": outreach.order_no,
        "episode": outreach.episode,
        "probability": outreach.probability,
        "threshold": outreach.threshold,
        "rule": outreach.rule,
        "scenario": choice.scenario,
        "why": choice.why,
        "reasons": [{"feature": one.feature, "node": one.node, "words": one.words} for one in score.reasons[:TOLD]],
        "outreach": outreach.state.value,
        "model_version": outreach.model_version,
        "rules_version": outreach.rules_version,
    }
    at, customer_id = outreach.opened_at, outreach.customer_id or None
    tell(records, NoticeKind.ORDER_AT_RISK, outreach.outreach_id, at=at, data=data, customer_id=customer_id)


def tell_issued(records: Records, grant: Grant, *, at: datetime, actor: str) -> None:
    """That money or goods are owed: what the order system must do stands in ``terms``."""
    data = {
        "grant_id": grant.grant_id,
        "order_no": grant.order_no,
        "conversation_id": grant.conversation_id,
        "offer_id": grant.offer.offer_id,
        "title": grant.offer.title,
        "cause": grant.offer.cause,
        "value_fen": grant.offer.value_fen,
        "terms": grant.offer.terms,
        "actor": actor,
    }
    tell(records, NoticeKind.GRANT_ISSUED, grant.grant_id, at=at, data=data, customer_id=grant.customer_id)
