"""What a model sees of a message: pieces of its spelling, its words, its cues and its shape."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import TypeAlias

from language.lexicon import Lexicon
from language.segmenter import segment

Views: TypeAlias = tuple[Mapping[str, float], Mapping[str, float], Mapping[str, float]]
VIEWS = ("chars", "words", "marks")
"""Each view has a vocabulary of its own; chars and words are weighed by tf-idf, marks are taken as they are."""

_LONGEST_GRAM = 4
_LONG_NUMBER = re.compile(r"\d{5,}")
_HAN = re.compile("[\u4e00-\u9fff]")
_LATIN = re.compile("[a-z]")
_EMOJI = re.compile("[\u2190-\u2bff\U0001f000-\U0001faff]")


def look(text: str, lexicon: Lexicon) -> Views:
    """The counts of a normalised text, in the order of ``VIEWS``."""
    masked = _LONG_NUMBER.sub(lambda number: "⓪" * min(len(number[0]), 12), text)  # 12315 stays in the lexicon's view
    return Counter(_char_grams(masked)), Counter(_word_grams(masked)), _marks(text, lexicon)


def _char_grams(text: str) -> Iterable[str]:
    edged = f"^{text}$"
    for size in range(1, _LONGEST_GRAM + 1):
        for start in range(len(edged) - size + 1):
            yield edged[start : start + size]


def _word_grams(text: str) -> Iterable[str]:
    words = [word for word in segment(text) if word != " "]
    yield from words
    for first, second in pairwise(["^", *words, "$"]):
        yield f"{first} {second}"


def _marks(text: str, lexicon: Lexicon) -> Mapping[str, float]:
    """Cues by family (present, and again when there are several) and the shape of the message."""
    marks: dict[str, float] = {}
    for family, count in lexicon.count(text).items():
        marks[family] = 1.0
        if count > 1:
            marks[f"many:{family}"] = 1.0
    marks["length"] = math.log1p(len(text)) / 4
    for name, present in _shape(text).items():
        if present:
            marks[name] = 1.0
    return marks


def _shape(text: str) -> Mapping[str, bool]:
    return {
        "shape:calls": "!" in text,
        "shape:shouts": "!!" in text,
        "shape:asks": "?" in text or "吗" in text or "么" in text,
        "shape:presses": "??" in text or "?!" in text or "!?" in text,
        "shape:trails": "..." in text,
        "shape:emoji": _EMOJI.search(text) is not None,
        "shape:number": _LONG_NUMBER.search(text) is not None,
        "shape:latin": _LATIN.search(text) is not None,
        "shape:no_han": _HAN.search(text) is None,
        "shape:short": len(text) <= 4,
        "shape:long": len(text) > 40,
    }
