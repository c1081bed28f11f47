"""An encoder as plain arrays: what every source of weights is turned into, and what adapters and graphs are made from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

LINEAR = ("query", "key", "value", "attention", "up", "down")
"""The matrices of a layer that carry most of what it knows; shape (inputs, outputs)."""
NORMS = ("attention_norm", "output_norm")
TRANSFORMERS_NAMES = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "attention": "attention.output.dense",
    "up": "intermediate.dense",
    "down": "output.dense",
    "attention_norm": "attention.output.LayerNorm",
    "output_norm": "output.LayerNorm",
}
"""Where the parts of a layer stand in a BERT of the ``transformers`` library."""


@dataclass(frozen=True, kw_only=True)
class Weights:
    """A post-norm Transformer of the BERT family.

    ``tokenizer``: the JSON of a Hugging Face ``tokenizers`` file that adds the model's own marks to a text.
    ``words``: (pieces, width); ``positions``: (longest, width), with the token type folded in and any offset cut off.
    ``tensors``: ``0.query.weight`` (width, width) and ``0.query.bias`` for each layer and each of ``LINEAR``, then
    ``0.output_norm.weight`` and ``.bias`` for each of ``NORMS``, and ``norm.weight``, ``norm.bias`` of the embeddings.
    """

    name: str
    tokenizer: str
    heads: int
    epsilon: float
    words: Array
    positions: Array
    tensors: Mapping[str, Array]

    @property
    def width(self) -> int:
        return int(self.words.shape[1])

    @property
    def layers(self) -> int:
        return 1 + max(int(name.partition(".")[0]) for name in self.tensors if name[0].isdigit())

    def linear_names(self) -> Iterator[str]:
        for layer in range(self.layers):
            for part in LINEAR:
                yield f"{layer}.{part}.weight"

    def digest(self) -> str:
        """SHA-256 of everything that decides what it answers."""
        total = hashlib.sha256(f"{self.heads} {self.epsilon} {self.tokenizer}".encode())
        for name, array in (("words", self.words), ("positions", self.positions), *sorted(self.tensors.items())):
            total.update(name.encode() + np.ascontiguousarray(array).tobytes())
        return total.hexdigest()
