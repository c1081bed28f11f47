"""What fine-tuning changed, small enough to ship: the difference of each matrix in a few levels, of each vector as it is.

The weights of others are installed by package and never copied into this repository; this file is ours and holds only the
difference. Seven levels lose nothing that can be measured (docs/decisions/0008); a low rank does.
"""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from language.encoder.weights import Array, Weights
from language.errors import AdapterError

SHIPPED = Path(__file__).with_name("shop.npz")

_LEVELS = 3  # on either side of nothing
_BLOCK = 32  # weights of one output that share a scale

Levels = npt.NDArray[np.int8]
_UNREADABLE = (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, NotImplementedError)
"""What NumPy and its zip reader raise for files that are none of theirs."""


@dataclass(frozen=True, kw_only=True)
class Adapter:
    """``matrices`` by name: levels (outputs, inputs) and scales (outputs, inputs / 32); ``vectors`` by name.

    ``card``: what it was made from (``base``: digest of the weights it belongs to) and how well it did.
    """

    matrices: Mapping[str, tuple[Levels, Array]]
    vectors: Mapping[str, Array]
    card: Mapping[str, Any]

    def applied(self, weights: Weights) -> Weights:
        """Raises AdapterError when it was made for other weights."""
        if self.card["base"] != weights.digest():
            raise AdapterError(f"the adapter was made for {self.card['name']}, not for {weights.name}; train it anew")
        tensors = dict(weights.tensors)
        for name, (levels, scales) in self.matrices.items():
            tensors[name] = tensors[name] + (levels * np.repeat(scales, _BLOCK, axis=1)).T
        for name, vector in self.vectors.items():
            tensors[name] = tensors[name] + vector
        return replace(weights, tensors=tensors)

    def save(self, file: Path) -> None:
        """The same adapter gives the same bytes."""
        arrays: dict[str, npt.NDArray[Any]] = {
            "card": np.frombuffer(json.dumps(self.card, ensure_ascii=False, sort_keys=True).encode(), np.uint8)
        }
        for name, (levels, scales) in sorted(self.matrices.items()):
            arrays |= {f"levels:{name}": levels, f"scales:{name}": scales.astype(np.float16)}
        arrays |= {f"vector:{name}": vector.astype(np.float16) for name, vector in sorted(self.vectors.items())}
        buffer = io.BytesIO()
        np.savez_compressed(buffer, allow_pickle=False, **arrays)
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f".{file.name}")
        draft.write_bytes(buffer.getvalue())
        draft.replace(file)


def learn_adapter(before: Weights, after: Weights, card: Mapping[str, Any]) -> Adapter:
    """The difference between two states of one encoder; what was not trained is left out."""
    changes = {name: after.tensors[name] - tensor for name, tensor in before.tensors.items()}
    changes = {name: change for name, change in changes.items() if change.any()}
    matrices = set(before.linear_names())
    return Adapter(
        matrices={name: _levelled(change) for name, change in changes.items() if name in matrices},
        vectors={name: change for name, change in changes.items() if name not in matrices},
        card={**card, "name": before.name, "base": before.digest()},
    )


def read_adapter(file: Path) -> Adapter:
    """Raises AdapterError."""
    try:
        with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as arrays:
            card = json.loads(arrays["card"].tobytes())
            levels = {name: arrays[f"levels:{name}"] for name in _named(arrays.files, "levels:")}
            scales = {name: arrays[f"scales:{name}"].astype(np.float32) for name in levels}
            vectors = {name: arrays[f"vector:{name}"].astype(np.float32) for name in _named(arrays.files, "vector:")}
    except (*_UNREADABLE, BadZipFile, zlib.error) as fault:
        raise AdapterError(f"{file} cannot be read ({type(fault).__name__}: {fault})") from fault
    if not isinstance(card, dict) or "base" not in card:
        raise AdapterError(f"{file} cannot be read (its card does not say which weights it belongs to)")
    return Adapter(
        matrices={name: (levels[name], scales[name]) for name in levels},
        vectors=vectors,
        card=card,
    )


def _named(files: list[str], kind: str) -> list[str]:
    return [name.removeprefix(kind) for name in files if name.startswith(kind)]


def _levelled(change: Array) -> tuple[Levels, Array]:
    """By output and block of inputs, so that a scale fits its weights."""
    by_output = np.ascontiguousarray(change.T)
    blocks = by_output.reshape(-1, _BLOCK)
    scales = np.maximum(np.abs(blocks).max(axis=1, keepdims=True) / _LEVELS, 1e-12)
    levels = np.rint(blocks / scales).astype(np.int8).reshape(by_output.shape)
    return levels, scales.reshape(len(by_output), -1).astype(np.float32)
