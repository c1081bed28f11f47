"""``/console/api``: what associates say the bot misheard, and the review of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field, ValidationInfo, field_validator

from retention.correction import Correction, CorrectionState, Labels
from retention.hearing import Emotion, Reason
from service.api.chat import MessageId
from service.api.fields import Body, Id
from service.api.offers import ReasonField
from service.console import OURS, PATH, Associate, NothingBody
from service.context import Service, ServiceDep
from service.correction_views import choices_view, correction_view
from service.problems import ProblemError, general

router = APIRouter(prefix=PATH, tags=["console"])


class LabelsBody(Body):
    intent: Id
    reasons: Annotated[list[ReasonField], Field(max_length=len(Reason))]
    emotion: Annotated[Emotion, Field(strict=False)]
    intensity: Annotated[float, Field(ge=0, le=1, description="0 beside neutral, more beside every other emotion")]
    escalate: bool

    @field_validator("intensity")
    @classmethod
    def _fits_its_emotion(cls, value: float, info: ValidationInfo) -> float:
        emotion = info.data.get("emotion")
        if emotion is not None and (emotion is Emotion.NEUTRAL) is not (value == 0):
            raise ValueError("expected 0 beside neutral and more than 0 beside every other emotion")
        return value

    def to_labels(self, intents: Mapping[str, str], *, where: str) -> Labels:
        """Raises ProblemError 422 for an intent nobody knows; ``where`` is the path of these labels in the request."""
        if self.intent not in intents:
            unknown = {"where": f"{where}.intent", "what": "unknown intent", "fix": f"see GET {PATH}/labels"}
            raise ProblemError.of(general(422, PATH, errors=(unknown,)))
        return Labels(
            intent=self.intent,
            reasons=tuple(dict.fromkeys(self.reasons)),
            emotion=self.emotion,
            intensity=self.intensity,
            escalate=self.escalate,
        )


class AcceptBody(Body):
    labels: Annotated[LabelsBody | None, Field(description="Left out: as proposed")] = None


@router.get("/labels", summary="What a message can mean: intents, reasons, emotions, in words")
def labels(associate: Associate, service: ServiceDep) -> dict[str, Any]:
    return choices_view(service.shop)


@router.post(
    "/conversations/{conversation_id}/messages/{message_id}/correction",
    dependencies=OURS,
    summary="Say what a message meant; replaces the proposal it already has",
)
async def propose(
    conversation_id: Id, message_id: MessageId, body: LabelsBody, associate: Associate, service: ServiceDep
) -> dict[str, Any]:
    meant = body.to_labels(service.shop.intents, where="body")
    return _shown(service, await service.correcting.propose(conversation_id, message_id, meant, associate))


@router.get("/corrections", summary="Proposed: longest waiting first; reviewed: newest first; at most 200")
def listed(
    associate: Associate, service: ServiceDep, state: Annotated[CorrectionState, Query()] = CorrectionState.PROPOSED
) -> dict[str, Any]:
    with service.shop.store.transaction() as records:
        found, count = records.corrections.listed(state), records.corrections.count(state)
    return {"corrections": [correction_view(one, service.shop.rules.intent_title) for one in found], "count": count}


@router.post("/corrections/{correction_id}/accept", dependencies=OURS, summary="Let it be learned, perhaps changed")
async def accept(correction_id: Id, body: AcceptBody, associate: Associate, service: ServiceDep) -> dict[str, Any]:
    meant = body.labels.to_labels(service.shop.intents, where="body.labels") if body.labels else None
    return _shown(service, await service.correcting.review(correction_id, CorrectionState.ACCEPTED, associate, meant))


@router.post("/corrections/{correction_id}/reject", dependencies=OURS, summary="Keep it from being learned")
async def reject(correction_id: Id, body: NothingBody, associate: Associate, service: ServiceDep) -> dict[str, Any]:
    return _shown(service, await service.correcting.review(correction_id, CorrectionState.REJECTED, associate))


def _shown(service: Service, correction: Correction) -> dict[str, Any]:
    return {"correction": correction_view(correction, service.shop.rules.intent_title)}
