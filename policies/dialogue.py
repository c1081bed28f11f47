"""Rasa's dialogue policy: puts ``routing`` before the rules, and ends the turn after one answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.core.policies.policy import Policy, PolicyPrediction
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from policies.routing import Destination, Heard, destination, load_route, moment_of
from retention.hearing import Emotion, EntityKind

RULES = Path(__file__).with_name("interception.yml")
ABOVE_RULES = 6


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class InterceptionPolicy(Policy):  # type: ignore[misc]
    """Certain when it speaks, and then above the rules; otherwise it abstains and the rule of the intent applies."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"priority": ABOVE_RULES}

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> None:
        super().__init__(config, model_storage, resource, execution_context)
        self._route = load_route(RULES)

    def train(self, training_trackers: list[DialogueStateTracker], domain: Domain, **_: Any) -> Resource:
        """Nothing to learn; Rasa wants a resource to load from."""
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> InterceptionPolicy:
        return cls(config, model_storage, resource, execution_context)

    def predict_action_probabilities(
        self, tracker: DialogueStateTracker, domain: Domain, rule_only_data: dict[str, Any] | None = None, **_: Any
    ) -> PolicyPrediction:
        chosen = self._next(tracker)
        probabilities = [0.0] * domain.num_actions
        if chosen is not Destination.RULE:
            probabilities[domain.index_for_action(chosen.value)] = 1.0
        return self._prediction(probabilities)

    def _next(self, tracker: DialogueStateTracker) -> Destination:
        if tracker.latest_action_name != ACTION_LISTEN_NAME:
            return Destination.SILENCE
        message: UserUttered = tracker.latest_message
        return destination(_heard(message), moment_of((message.metadata or {}).get("state", {})), self._route)


def _heard(message: UserUttered) -> Heard:
    parsed = message.parse_data
    emotion = parsed.get("emotion", {})
    return Heard(
        text=message.text or "",
        confidence=message.intent.get("confidence", 0.0),
        emotion=Emotion(emotion.get("label", Emotion.NEUTRAL)),
        intensity=emotion.get("intensity", 0.0),
        escalate=parsed.get("escalate", 0.0),
        names_fix=any(row.get("entity") == EntityKind.FIX.value for row in parsed.get("entities", ())),
    )
