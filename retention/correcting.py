"""From an associate's word that a message was misheard to a lesson: proposed by one, reviewed by another, on record."""

from __future__ import annotations

from datetime import datetime

from retention.audit import AuditEntry
from retention.correction import Correction, CorrectionState, Labels
from retention.ports import Records


def propose(records: Records, correction: Correction) -> Correction:
    """Propose it, or give the proposal this message already has these labels; raises NotFoundError."""
    proposed = records.corrections.propose(correction)
    _note(records, proposed, at=proposed.proposed_at, associate=proposed.proposer)
    return proposed


def review(
    records: Records,
    correction_id: str,
    to: CorrectionState,
    *,
    at: datetime,
    associate: str,
    labels: Labels | None = None,
) -> Correction:
    """Accept it, perhaps with other labels, or reject it.

    Raises OwnCorrectionError, IllegalMoveError or NotFoundError.
    """
    reviewed = records.corrections.review(correction_id, to, at=at, reviewer=associate, labels=labels)
    _note(records, reviewed, at=at, associate=associate)
    return reviewed


def _note(records: Records, correction: Correction, *, at: datetime, associate: str) -> None:
    """Labels and ids only: the entry outlives the text when the customer is erased."""
    records.audit.add(
        AuditEntry(
            at=at,
            actor=f"associate:{associate}",
            act=f"correction_{correction.state.value}",
            subject=f"correction:{correction.correction_id}",
            versions={"language": correction.model_version} if correction.model_version else {},
            data={
                "conversation_id": correction.conversation_id,
                "message_id": correction.message_id,
                "heard": _plain(correction.heard),
                "labels": _plain(correction.labels),
            },
        )
    )


def _plain(labels: Labels) -> dict[str, object]:
    return {
        "intent": labels.intent,
        "reasons": [reason.value for reason in labels.reasons],
        "emotion": labels.emotion.value,
        "intensity": labels.intensity,
        "escalate": labels.escalate,
    }
