"""Finds what would teach the model something wrong: clashing labels, utterances written twice, thin intents."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from language.normalise import normalise
from language.utterances import Utterance, read_utterances

TOO_ALIKE = 0.6
FEWEST_EXAMPLES = 60
_NO_LETTERS = re.compile(r"[\W_]+")


class Fault(str, Enum):
    CLASH = "clash"  # one text under two intents
    REPEATED = "repeated"  # one text twice in an intent
    ALIKE = "alike"  # two texts of an intent that differ by a word
    THIN = "thin"  # an intent with too few examples


@dataclass(frozen=True, kw_only=True)
class Finding:
    fault: Fault
    intent: str
    words: str

    def __str__(self) -> str:
        return f"{self.intent}: {self.fault.value}: {self.words}"


def lint(folder: Path) -> tuple[Finding, ...]:
    """Findings about the language data of a folder; raises DataError for rows that cannot be read at all."""
    return inspect(read_utterances(folder))


def inspect(utterances: Sequence[Utterance]) -> tuple[Finding, ...]:
    by_intent: dict[str, list[str]] = defaultdict(list)
    for utterance in utterances:
        by_intent[utterance.intent].append(utterance.text)
    within = (finding for intent, texts in by_intent.items() for finding in _within(intent, texts))
    return (*_clashes(utterances), *within)


def _clashes(utterances: Iterable[Utterance]) -> Iterator[Finding]:
    first: dict[str, Utterance] = {}
    for utterance in utterances:
        other = first.setdefault(_written(utterance.text), utterance)
        if other.intent != utterance.intent:
            yield Finding(
                fault=Fault.CLASH,
                intent=utterance.intent,
                words=f"{utterance.text!r} is also an example of {other.intent}; keep it in one of them",
            )


def _within(intent: str, texts: Sequence[str]) -> Iterator[Finding]:
    if len(texts) < FEWEST_EXAMPLES:
        yield Finding(fault=Fault.THIN, intent=intent, words=f"{len(texts)} examples; write at least {FEWEST_EXAMPLES}")
    sharing: dict[str, list[int]] = defaultdict(list)
    written, pairs = [_written(text) for text in texts], list[frozenset[str]]()
    for later, text in enumerate(written):
        pairs.append(_pairs(text))
        shared = Counter(earlier for pair in pairs[later] for earlier in sharing[pair])
        for earlier, count in sorted(shared.items()):
            if text == written[earlier]:
                yield Finding(fault=Fault.REPEATED, intent=intent, words=f"{texts[later]!r} stands twice")
            elif count / (len(pairs[later]) + len(pairs[earlier]) - count) > TOO_ALIKE:  # Jaccard index
                words = f"{texts[later]!r} and {texts[earlier]!r} differ by a word; reword one"
                yield Finding(fault=Fault.ALIKE, intent=intent, words=words)
        for pair in pairs[later]:
            sharing[pair].append(later)


def _written(text: str) -> str:
    """What counts when two texts are compared: letters and digits, or all of it where there are none (emoji, ???)."""
    plain = normalise(text).text
    return _NO_LETTERS.sub("", plain) or plain


def _pairs(text: str) -> frozenset[str]:
    return frozenset(text[place : place + 2] for place in range(len(text) - 1)) or frozenset({text})
