"""The trained reader of sequences, an ONNX model that says what it knows: which kinds it learnt, from what, how well."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Since 1.28 it reports its use over the network and leaves an identifier on disk unless told not to before it is imported.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime

from risk.sequence.kinds import KINDS, UNKNOWN
from risk.sequence.tokens import LONGEST, NUMBERS, Tokens
from risk.unusable import ModelUnusableError

Floats = NDArray[np.float64]
Placed = Mapping[str, int]
"""Each kind's place in the model; 0 is no token."""

FORMAT = "risk-sequence-1"
SHIPPED = Path(__file__).parent / "sequence.onnx"
_WIDTHS = (4, 8, 16, 32, LONGEST)
"""Sequences are padded to one of these; a batch holds sequences of one width."""
_BATCH = 512


@dataclass(frozen=True, kw_only=True, eq=False)
class SequenceReader:
    """``graph`` is the serialised model. A sequence's share of the logit is the sum of its tokens'."""

    graph: bytes
    card: Mapping[str, Any]
    session: Any
    places: Placed

    @staticmethod
    def load(path: Path) -> SequenceReader:
        """Raises FileNotFoundError, and ModelUnusableError when it is no model of this program."""
        return SequenceReader.of(path.read_bytes(), str(path))

    @staticmethod
    def of(graph: bytes, name: str) -> SequenceReader:
        """Raises ModelUnusableError with ``name`` in it."""
        try:
            session = _session(graph)
            told = session.get_modelmeta().custom_metadata_map
            if told.get("format") != FORMAT or told.get("numbers") != str(NUMBERS):
                raise ValueError(f"format {told.get('format')} with {told.get('numbers')} numbers a token")
            kinds, card = json.loads(told["kinds"]), json.loads(told["card"])
        except Exception as error:  # onnxruntime raises types of its own, not all of them public
            raise ModelUnusableError(f"{name}: {error!r} is not readable as a sequence model; train again") from error
        return SequenceReader(graph=graph, card=card, session=session, places=_places(kinds))

    def shares(self, many: Sequence[Tokens]) -> list[Floats]:
        """For each sequence its tokens' shares of the logit, (length,)."""
        found: list[Floats] = [np.zeros(0)] * len(many)
        for width, rows in widths(many).items():
            for start in range(0, len(rows), _BATCH):
                batch = rows[start : start + _BATCH]
                kinds, numbers = padded([many[row] for row in batch], self.places, width)
                (shares,) = self.session.run(["shares"], {"kinds": kinds, "numbers": numbers})
                for row, of in zip(batch, shares.astype(np.float64), strict=True):
                    found[row] = of[: len(many[row].kinds)]
        return found


def widths(many: Sequence[Tokens]) -> Mapping[int, list[int]]:
    """The rows of sequences by the width they are padded to."""
    found: dict[int, list[int]] = {}
    for row, each in enumerate(many):
        width = next(width for width in _WIDTHS if len(each.kinds) <= width)
        found.setdefault(width, []).append(row)
    return found


def padded(many: Sequence[Tokens], places: Placed, width: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Kinds (n, width) with 0 where there is no token, and numbers (n, width, NUMBERS)."""
    kinds = np.zeros((len(many), width), dtype=np.int64)
    numbers = np.zeros((len(many), width, NUMBERS), dtype=np.float32)
    unknown = places[UNKNOWN]
    for row, each in enumerate(many):
        kinds[row, : len(each.kinds)] = [places.get(kind, unknown) for kind in each.kinds]
        numbers[row, : len(each.kinds)] = each.numbers
    return kinds, numbers


def _places(kinds: Sequence[str]) -> Placed:
    """Kinds the model has not met are read as unknown ones."""
    if UNKNOWN not in kinds or not set(kinds) <= set(KINDS):
        raise ModelUnusableError("a sequence model of other kinds of events; train again")
    return {kind: place for place, kind in enumerate(kinds, start=1)}


def save(graph: bytes, out: Path) -> None:
    """At once or not at all."""
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(f"{out.name}.part")
    part.write_bytes(graph)
    os.replace(part, out)


def _session(graph: bytes) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # a sequence is read in a fraction of a millisecond: threads would only wait
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
