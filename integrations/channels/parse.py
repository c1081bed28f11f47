"""A hearing in the words of a Rasa message, and back: how it travels from the hearer to the policies and the desk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from retention.hearing import UNHEARD, Emotion, Entity, EntityKind, Hearing, Reason

HEARER = "language.hearer"


def parse_of(hearing: Hearing) -> dict[str, Any]:
    """``intent``, ``intent_ranking`` and ``entities`` as Rasa has them, the rest as properties of ours."""
    return {
        "intent": {"name": hearing.intent, "confidence": float(hearing.confidence)},
        "intent_ranking": [{"name": name, "confidence": float(share)} for name, share in hearing.ranking],
        "entities": [_rasa_entity(entity) for entity in hearing.entities],
        "reasons": [reason.value for reason in hearing.reasons],
        "emotion": {"label": hearing.emotion.value, "intensity": float(hearing.intensity)},
        "sentiment": float(hearing.sentiment),
        "escalate": float(hearing.escalate),
        "escalate_now": float(hearing.escalate_now),
    }


def hearing_of(parsed: Mapping[str, Any]) -> Hearing:
    """The hearing behind a parse. A pipeline that hears intents only, as a stock one does, leaves the rest neutral."""
    intent = parsed.get("intent") or {}
    emotion = parsed.get("emotion") or {}
    return Hearing(
        intent=intent.get("name") or UNHEARD.intent,
        confidence=intent.get("confidence", 0.0),
        ranking=tuple((row["name"], row["confidence"]) for row in parsed.get("intent_ranking", ())),
        reasons=tuple(Reason(value) for value in parsed.get("reasons", ())),
        emotion=Emotion(emotion.get("label", Emotion.NEUTRAL)),
        intensity=emotion.get("intensity", 0.0),
        sentiment=parsed.get("sentiment", 0.0),
        escalate=parsed.get("escalate", 0.0),
        escalate_now=parsed.get("escalate_now", 0.0),
        entities=tuple(_entity(row) for row in parsed.get("entities", ()) if row.get("extractor") == HEARER),
    )


def _rasa_entity(entity: Entity) -> dict[str, Any]:
    return {
        "entity": entity.kind.value,
        "value": entity.value,
        "text": entity.text,
        "start": entity.start,
        "end": entity.end,
        "extractor": HEARER,
    }


def _entity(row: Mapping[str, Any]) -> Entity:
    return Entity(
        kind=EntityKind(row["entity"]), value=row["value"], text=row["text"], start=row["start"], end=row["end"]
    )
