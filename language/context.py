"""What a message means after a question: 行 after an offer accepts it, 不了 is no nonsense."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

FLOOR = 1e-4
"""A share below this says nothing more."""


@dataclass(frozen=True, kw_only=True)
class Turn:
    """After one question: what each reading of the words alone says for each meaning; ``matrix`` (intents, intents) on
    the logs of the shares, ``lean`` (intents,) towards what answers it."""

    matrix: Floats
    lean: Floats


@dataclass(frozen=True, kw_only=True)
class Context:
    """By the question asked last (``retention.conversation.Expecting``)."""

    turns: Mapping[str, Turn] = field(default_factory=dict)

    def shares(self, shares: Floats, asked: str | None) -> Floats:
        """The intents' shares given the question; over the last axis. Unknown questions, and none, change nothing."""
        turn = self.turns.get(asked or "")
        if turn is None:
            return shares
        logits = np.log(shares + FLOOR) @ turn.matrix + turn.lean
        powers: Floats = np.exp(logits - logits.max(axis=-1, keepdims=True))
        turned: Floats = powers / powers.sum(axis=-1, keepdims=True)
        return turned
