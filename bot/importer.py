"""Makes Rasa's domain, rules, replies and examples from the intent files, so that an intent is added in one place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.common import cached_method

from bot.intent_file import INTENTS, Answerer, IntentFile, read_intents
from retention.hearing import EntityKind


class IntentFilesImporter(RasaFileImporter):  # type: ignore[misc]
    """The files named on the command line, and on top of them the intents of a folder."""

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
        intents: str | None = None,
    ) -> None:
        super().__init__(config_file, domain_path, training_data_paths)
        self._intents = read_intents(Path(intents) if intents else INTENTS)

    @cached_method  # type: ignore[untyped-decorator]
    def get_domain(self) -> Domain:
        return super().get_domain().merge(Domain.from_dict(domain_of(self._intents)))

    def get_stories(self, exclusion_percentage: int | None = None) -> StoryGraph:
        """Asked for before the domain is complete, rules are read against this importer's own."""
        rules = YAMLStoryReader().read_from_parsed_yaml(rules_of(self._intents))
        return super().get_stories(exclusion_percentage).merge(StoryGraph(rules))

    def get_nlu_data(self, language: str | None = "zh") -> TrainingData:
        """Examples for pipelines that learn inside Rasa, as the stock one of the benchmarks; ours does not."""
        examples = [
            Message.build(text=text, intent=intent.intent) for intent in self._intents for text in intent.examples
        ]
        return super().get_nlu_data(language).merge(TrainingData(examples))


def domain_of(intents: tuple[IntentFile, ...]) -> dict[str, Any]:
    """Entities inform the desk and never choose a rule, so no intent features them."""
    return {
        "intents": [{intent.intent: {"use_entities": []}} for intent in intents],
        "entities": [kind.value for kind in EntityKind],
        "responses": {
            intent.action: [{"text": reply} for reply in intent.replies]
            for intent in intents
            if intent.answerer is Answerer.UTTER
        },
    }


def rules_of(intents: tuple[IntentFile, ...]) -> dict[str, Any]:
    return {
        "version": "3.1",
        "rules": [
            {"rule": intent.intent, "steps": [{"intent": intent.intent}, {"action": intent.action}]}
            for intent in intents
        ],
    }
