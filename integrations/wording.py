"""The shop's Chinese, from ``nlu_data``: the desk's replies and the intents' own."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

import yaml

from retention.reply import Bubble, Say, Wording

GAP = re.compile(r"\{(\w+)\}")


class WordingError(ValueError):
    """A reply cannot be used: names the file, the key and what is wrong."""


class YamlWording(Wording):
    """Replies by key and register. Variants are picked by the turn's id, so that a retried turn reads the same."""

    def __init__(self, replies: Mapping[str, Mapping[str, tuple[str, ...]]], titles: Mapping[str, str]) -> None:
        self._replies = replies
        self._titles = titles

    @classmethod
    def from_folder(cls, nlu_data: Path) -> YamlWording:
        """Reads ``replies.yml`` and ``intents/*.yml``. Raises WordingError."""
        replies = dict(_desk_replies(nlu_data / "replies.yml"))
        titles = {}
        for file in sorted((nlu_data / "intents").glob("*.yml")):
            intent = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
            titles[intent["intent"]] = intent["title"]
            if intent.get("replies"):
                replies[f"utter_{intent['intent']}"] = {"plain": tuple(intent["replies"])}
        return cls(replies, titles)

    def render(self, say: Say, *, soothing: bool, turn: str) -> Bubble:
        registers = self._replies[say.key]
        variants = registers["soothing"] if soothing and "soothing" in registers else registers["plain"]
        picked = variants[int(hashlib.sha256(turn.encode()).hexdigest(), 16) % len(variants)]
        # Only names in the template are filled: a value that itself holds braces stays as it is.
        text = GAP.sub(lambda gap: say.values[gap.group(1)], picked)
        return Bubble(text=text, buttons=say.buttons, offer=say.offer)

    def intent_title(self, intent: str) -> str:
        """How asking back names an intent."""
        return self._titles[intent]

    def intent_titles(self) -> Mapping[str, str]:
        """Every intent there is, by id."""
        return self._titles

    def keys(self) -> frozenset[str]:
        return frozenset(self._replies)


def _desk_replies(file: Path) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    data = yaml.safe_load(file.read_text(encoding="utf-8"))
    if not isinstance(data, dict):
        raise WordingError(f"{file}: expected a mapping of reply keys")
    checked = {}
    for key, registers in data.items():
        if not isinstance(registers, dict) or "plain" not in registers or not set(registers) <= {"plain", "soothing"}:
            raise WordingError(f"{file}: {key}: expected `plain` and perhaps `soothing`, got {registers!r}")
        for register, variants in registers.items():
            if (
                not isinstance(variants, list)
                or not variants
                or not all(isinstance(one, str) and one for one in variants)
            ):
                raise WordingError(f"{file}: {key}.{register}: expected a list of texts, got {variants!r}")
        checked[str(key)] = {register: tuple(variants) for register, variants in registers.items()}
    return checked
