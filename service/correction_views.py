"""Corrections as JSON for the console, and what there is to choose from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from integrations.codec import encode
from integrations.wiring import Shop
from retention.correction import Correction, Labels
from retention.moves.person import EMOTION_WORDS, REASONS
from service.glossary import CORRECTION_STATES, INTENSITIES

IntentTitle = Callable[[str], str]


def correction_view(correction: Correction, intent_title: IntentTitle) -> dict[str, Any]:
    return {
        "correction_id": correction.correction_id,
        "conversation_id": correction.conversation_id,
        "message_id": correction.message_id,
        "state": correction.state.value,
        "state_words": CORRECTION_STATES[correction.state],
        "text": correction.text,
        "heard": labels_view(correction.heard, intent_title),
        "labels": labels_view(correction.labels, intent_title),
        "proposer": correction.proposer,
        "proposed_at": encode(correction.proposed_at),
        "reviewer": correction.reviewer,
        "reviewed_at": encode(correction.reviewed_at),
        "model_version": correction.model_version,
    }


def labels_view(labels: Labels, intent_title: IntentTitle) -> dict[str, Any]:
    return {
        **encode(labels),
        "intent_words": intent_title(labels.intent),
        "emotion_words": EMOTION_WORDS[labels.emotion],
    }


def choices_view(shop: Shop) -> dict[str, Any]:
    """Every label there is, in words. ``escalates_at``: from which probability on a message calls a person."""
    return {
        "intents": [{"value": intent, "words": words} for intent, words in shop.intents.items()],
        "reasons": [{"value": reason, "words": words} for reason, words in REASONS.items()],
        "emotions": [{"value": emotion.value, "words": words} for emotion, words in EMOTION_WORDS.items()],
        "intensities": [{"value": value, "words": words} for value, words in INTENSITIES.items()],
        "escalates_at": shop.escalates_at,
    }
