"""Serves an encoder with onnxruntime alone."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

# Since 1.28 it reports its use over the network and leaves an identifier on disk unless told not to before it is imported.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime

Meanings = npt.NDArray[np.float32]

LONGEST = 96
"""Pieces; a message's beginning and end are kept when it is longer."""
_AT_ONCE = 64
_REMEMBERED = 4096  # texts, 6 MB: each message comes again as what was said before the next, and bots repeat themselves


class Encoder:
    """Safe to share between threads."""

    def __init__(self, model: bytes, tokenizer: str, *, threads: int = 1) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors; at start it warns of what it optimises away
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_str(tokenizer)
        self._remembered = lru_cache(_REMEMBERED)(self._meaning)

    def meaning(self, text: str) -> Meanings:
        """Of a normalised text; shape (width,). What was asked for lately costs nothing."""
        return self._remembered(text)

    def _meaning(self, text: str) -> Meanings:
        row: Meanings = self._run([pieces_of(self._tokenizer, text)])[0]
        row.flags.writeable = False
        return row

    def meanings(self, texts: Sequence[str]) -> Meanings:
        """Shape (texts, width). Texts of one length share a call."""
        by_length: dict[int, list[int]] = defaultdict(list)
        pieces = [pieces_of(self._tokenizer, text) for text in texts]
        for place, ids in enumerate(pieces):
            by_length[len(ids)].append(place)
        found: dict[int, Meanings] = {}
        for places in by_length.values():
            for start in range(0, len(places), _AT_ONCE):
                some = places[start : start + _AT_ONCE]
                found.update(zip(some, self._run([pieces[place] for place in some]), strict=True))
        return np.stack([found[place] for place in range(len(texts))])

    def _run(self, ids: list[list[int]]) -> Meanings:
        (meanings,) = self._session.run(None, {"ids": np.array(ids, dtype=np.int64)})
        found: Meanings = meanings
        return found


def pieces_of(tokenizer: Tokenizer, text: str) -> list[int]:
    """At most ``LONGEST``."""
    ids: list[int] = tokenizer.encode(text).ids
    return ids if len(ids) <= LONGEST else ids[: LONGEST // 2] + ids[-LONGEST // 2 :]
