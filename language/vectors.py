"""Turns a message into a sparse vector: which weights count, and how much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from language.features import VIEWS, Views, look
from language.lexicon import Lexicon

Indices: TypeAlias = npt.NDArray[np.int64]
Values: TypeAlias = npt.NDArray[np.float32]

_MARK_SCALE = 0.25
_SEEN_AT_LEAST = 2  # a piece of one utterance alone says nothing about the next


@dataclass(frozen=True, kw_only=True)
class Vectoriser:
    """``places`` numbers the known pieces of each view through all views; ``idf`` holds a weight for each of them."""

    lexicon: Lexicon
    places: tuple[Mapping[str, int], ...]
    idf: Values

    @property
    def width(self) -> int:
        return len(self.idf)

    def vector(self, text: str) -> tuple[Indices, Values]:
        """Places and values of a normalised text; both are empty when nothing in it is known."""
        return self.vector_of(look(text, self.lexicon))

    def vector_of(self, views: Views) -> tuple[Indices, Values]:
        """As ``vector``, of a text already looked at."""
        indices: list[Indices] = []
        values: list[Values] = []
        for view, places, counts in zip(VIEWS, self.places, views, strict=True):
            known = [(places[piece], count) for piece, count in counts.items() if piece in places]
            if known:
                where = np.array([place for place, _ in known], dtype=np.int64)
                counted = np.array([count for _, count in known], dtype=np.float32)
                indices.append(where)
                values.append(_MARK_SCALE * counted if view == "marks" else self._weighed(where, counted))
        if not indices:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        return np.concatenate(indices), np.concatenate(values)

    def _weighed(self, where: Indices, counted: Values) -> Values:
        weights: Values = (1 + np.log(counted)) * self.idf[where]
        unit: Values = weights / np.float32(np.linalg.norm(weights))
        return unit


def learn_vectoriser(looks: Sequence[Views], lexicon: Lexicon) -> Vectoriser:
    """From normalised texts as looked at with the lexicon."""
    seen: tuple[Counter[str], ...] = tuple(Counter() for _ in VIEWS)
    for views in looks:
        for counter, counts in zip(seen, views, strict=True):
            counter.update(counts.keys())
    kept = [sorted(piece for piece, number in counter.items() if number >= _SEEN_AT_LEAST) for counter in seen]
    starts = np.cumsum([0, *(len(pieces) for pieces in kept)])
    numbers = [counter[piece] for counter, pieces in zip(seen, kept, strict=True) for piece in pieces]
    return Vectoriser(
        lexicon=lexicon,
        places=tuple(
            {piece: int(start) + place for place, piece in enumerate(pieces)}
            for start, pieces in zip(starts, kept, strict=False)
        ),
        idf=(np.log((1 + len(looks)) / (1 + np.array(numbers))) + 1).astype(np.float32),
    )
