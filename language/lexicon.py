"""Cue words counted with an eye for negation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from re import Pattern
from typing import Any

from language.errors import DataError
from language.rows import read_mapping, read_strings

_CLAUSE_END = re.compile(r"[ ,.;:!?、。…~]")
_LATIN_EDGE = "(?<![a-z0-9]){}(?![a-z0-9])"


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """``cues`` by family; a cue is negated by a negator at most ``reach`` characters before it in its clause.

    A cue of an ``at_once`` family, not negated, calls for a person whatever the model thinks.
    """

    reach: int
    negators: tuple[str, ...]
    at_once: tuple[str, ...]
    cues: Mapping[str, tuple[str, ...]]

    def count(self, text: str) -> dict[str, int]:
        """Cues of a normalised text by family; those that are negated count under ``not:family``."""
        counts: dict[str, int] = {}
        for family, pattern in self._patterns.items():
            for found in pattern.finditer(text):
                name = f"not:{family}" if self._is_negated(text, found.start()) else family
                counts[name] = counts.get(name, 0) + 1
        return counts

    def calls_at_once(self, text: str) -> bool:
        """Whether a normalised text holds a cue of an ``at_once`` family."""
        return any(
            not self._is_negated(text, found.start())
            for family in self.at_once
            for found in self._patterns[family].finditer(text)
        )

    def as_data(self) -> dict[str, Any]:
        """What ``from_data`` reads: JSON keeps it beside the weights it was trained with."""
        return {
            "reach": self.reach,
            "negators": list(self.negators),
            "at_once": list(self.at_once),
            "cues": {family: list(cues) for family, cues in self.cues.items()},
        }

    def _is_negated(self, text: str, start: int) -> bool:
        before = _CLAUSE_END.split(text[max(0, start - self.reach) : start])[-1]
        return self._negator.search(before) is not None

    @cached_property
    def _patterns(self) -> dict[str, Pattern[str]]:
        return {family: _any_of(cues) for family, cues in self.cues.items()}

    @cached_property
    def _negator(self) -> Pattern[str]:
        return _any_of(self.negators)


def read_lexicon(file: Path) -> Lexicon:
    """The lexicon of a YAML file; raises DataError."""
    return from_data(read_mapping(file), file)


def from_data(data: Mapping[str, Any], file: Path) -> Lexicon:
    """``file`` is named in the DataError of a bad row."""
    reach, cues = data.get("reach"), data.get("cues")
    if not isinstance(reach, int):
        raise DataError(file, "reach", f"must be a number of characters, not {reach!r}")
    if not isinstance(cues, dict) or not cues:
        raise DataError(file, "cues", "must hold at least one family of cues")
    families = {str(family): read_strings(file, f"cues.{family}", words) for family, words in cues.items()}
    at_once = read_strings(file, "at_once", data.get("at_once"))
    for place, family in enumerate(at_once):
        if family not in families:
            raise DataError(file, f"at_once[{place}]", f"{family!r} is no family of cues")
    return Lexicon(
        reach=reach,
        negators=read_strings(file, "negators", data.get("negators")),
        at_once=at_once,
        cues=families,
    )


def _any_of(words: tuple[str, ...]) -> Pattern[str]:
    """Longest first, so that 客服人员 is not counted as 客服; Latin cues only as whole words."""
    longest_first = sorted(set(words), key=lambda word: (-len(word), word))
    return re.compile("|".join(_edged(word) for word in longest_first))


def _edged(word: str) -> str:
    if word.isascii() and word.isalnum():
        return _LATIN_EDGE.format(word)
    return " ?".join(re.escape(char) for char in word)  # 人 工 is written to slip past a filter
