"""The one NLU component: what the language model hears, as properties of a Rasa message."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from integrations.channels.parse import parse_of
from language.hearer import Hearer
from retention.hearing import Before


def model_folder() -> Path:
    """Where the service keeps its trained language model; training the bot does not train it."""
    return Path(os.environ.get("TOURNIQUET_HOME", "./var")) / "models" / "language"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class HearingComponent(GraphComponent):  # type: ignore[misc]
    """Intent, entities, reasons, emotion, sentiment and escalation, from one reading of the text and what came before it."""

    def __init__(self, hearer: Hearer) -> None:
        self._hearer = hearer

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> HearingComponent:
        return cls(Hearer.load(model_folder()))

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            state = (message.get("metadata") or {}).get("state", {})
            before = Before(**state["before"]) if state.get("before") else None
            heard = self._hearer.hear(message.get(TEXT) or "", state.get("expecting"), before)
            for name, value in parse_of(heard).items():
                message.set(name, value, add_to_output=True)
        return messages
