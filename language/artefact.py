"""The trained model on disk: weights in ``weights-<hash>.npz``, the encoder in ``encoder-<hash>.onnx`` and its pieces in
``pieces-<hash>.json``, everything else in ``model.json``; no code in any of them.

``model.json`` names its files and is replaced last, in one step: a reader sees the old model or the new one.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from language.context import Context, Turn
from language.errors import DataError, ModelDamagedError, ModelMissingError
from language.lexicon import from_data
from language.model import Calibration, Dense, Model, Scale
from language.takeover import Takeover
from language.vectors import Vectoriser

MODEL = "model.json"
CARD = "card.json"
_FORMAT = 3


@dataclass(frozen=True, kw_only=True)
class Built:
    """An encoder ready to be kept: an ONNX model and the JSON of its tokenizer."""

    onnx: bytes
    pieces: bytes


def save(model: Model, card: Mapping[str, Any], folder: Path, encoder: Built | None = None) -> None:
    """Write the model and its card; the model that was there before goes on being readable until the last step."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {"weights": _kept(folder, "weights", "npz", _packed(model))}
    if encoder is not None:
        files["encoder"] = _kept(folder, "encoder", "onnx", encoder.onnx)
        files["pieces"] = _kept(folder, "pieces", "json", encoder.pieces)
    _replace(folder / CARD, _json(card))
    _replace(folder / MODEL, _json({"format": _FORMAT, "files": files, **_described(model)}))
    named = {file["name"] for file in files.values()}
    for pattern in ("weights-*.npz", "encoder-*.onnx", "pieces-*.json"):
        for old in folder.glob(pattern):
            if old.name not in named:
                old.unlink(missing_ok=True)


def load(folder: Path) -> tuple[Model, str]:
    """The model and its version; raises ModelMissingError or ModelDamagedError."""
    file = folder / MODEL
    if not file.is_file():
        raise ModelMissingError(file)
    try:
        content = file.read_bytes()
        data = json.loads(content)
        if data["format"] != _FORMAT:
            raise ModelDamagedError(file, f"has format {data['format']!r}, this version reads {_FORMAT}")
        return _built(file, data), version_of(content)
    except (KeyError, TypeError, ValueError, UnicodeDecodeError, DataError, zipfile.BadZipFile) as fault:
        raise ModelDamagedError(file, f"cannot be read ({type(fault).__name__}: {fault})") from fault


def _kept(folder: Path, kind: str, ending: str, content: bytes) -> dict[str, str]:
    digest = hashlib.sha256(content).hexdigest()
    name = f"{kind}-{digest[:12]}.{ending}"
    _replace(folder / name, content)
    return {"name": name, "sha256": digest}


def _read(folder: Path, named: Mapping[str, str]) -> bytes:
    file = folder / named["name"]
    if not file.is_file():
        raise ModelDamagedError(file, "is missing")
    content = file.read_bytes()
    if hashlib.sha256(content).hexdigest() != named["sha256"]:
        raise ModelDamagedError(file, "is not the file that was trained (its SHA-256 differs)")
    return content


def _arrays(content: bytes) -> Mapping[str, Any]:
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def _packed(model: Model) -> bytes:
    calibration = model.calibration
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        dense=np.empty((0, 0), np.float32) if model.dense is None else model.dense.weights,
        weights=model.weights,
        bias=model.bias,
        idf=model.vectoriser.idf,
        intent_bias=calibration.intent_scale.bias,
        emotion_bias=calibration.emotion_scale.bias,
        emotion_lean=calibration.emotion_lean,
        flag_by_intent=calibration.flag_by_intent,
        flag_line=calibration.flag_line,
        takeover=np.empty(0, np.float32)
        if model.takeover is None
        else np.append(model.takeover.weights, model.takeover.start),
        **{f"matrix:{asked}": turn.matrix.astype(np.float32) for asked, turn in model.context.turns.items()},  # type: ignore[arg-type]
        **{f"lean:{asked}": turn.lean.astype(np.float32) for asked, turn in model.context.turns.items()},  # type: ignore[arg-type]
    )
    return buffer.getvalue()


def _described(model: Model) -> dict[str, Any]:
    return {
        "intents": list(model.intents),
        "reasons": list(model.reasons),
        "emotions": list(model.emotions),
        "threshold": model.threshold,
        "intent_temperature": model.calibration.intent_scale.temperature,
        "intent_top": list(model.calibration.intent_top),
        "emotion_temperature": model.calibration.emotion_scale.temperature,
        "lexicon": model.vectoriser.lexicon.as_data(),
        "pieces": [list(places) for places in model.vectoriser.places],
    }


def _built(file: Path, data: Mapping[str, Any]) -> Model:
    arrays = _arrays(_read(file.parent, data["files"]["weights"]))
    places: list[dict[str, int]] = []
    for pieces in data["pieces"]:
        start = sum(map(len, places))
        places.append({piece: start + place for place, piece in enumerate(pieces)})
    outputs = len(data["intents"]) + len(data["reasons"]) + 1 + len(data["emotions"]) + 1
    if arrays["weights"].shape != (sum(map(len, places)), outputs):
        raise ModelDamagedError(
            file, f"weights of shape {arrays['weights'].shape} do not fit its vocabulary and labels"
        )
    return Model(
        intents=tuple(data["intents"]),
        reasons=tuple(data["reasons"]),
        emotions=tuple(data["emotions"]),
        vectoriser=Vectoriser(lexicon=from_data(data["lexicon"], file), places=tuple(places), idf=arrays["idf"]),
        weights=arrays["weights"],
        bias=arrays["bias"],
        calibration=Calibration(
            intent_scale=Scale(temperature=float(data["intent_temperature"]), bias=arrays["intent_bias"]),
            intent_top=(float(data["intent_top"][0]), float(data["intent_top"][1])),
            emotion_scale=Scale(temperature=float(data["emotion_temperature"]), bias=arrays["emotion_bias"]),
            emotion_lean=arrays["emotion_lean"],
            flag_by_intent=arrays["flag_by_intent"],
            flag_line=arrays["flag_line"],
        ),
        threshold=float(data["threshold"]),
        dense=_dense(file, data["files"], arrays),
        takeover=Takeover(weights=arrays["takeover"][:-1].astype(np.float32), start=float(arrays["takeover"][-1]))
        if arrays["takeover"].size
        else None,
        context=Context(
            turns={
                name.removeprefix("matrix:"): Turn(matrix=array, lean=arrays[f"lean:{name.removeprefix('matrix:')}"])
                for name, array in arrays.items()
                if name.startswith("matrix:")
            }
        ),
    )


def _dense(file: Path, files: Mapping[str, Any], arrays: Mapping[str, Any]) -> Dense | None:
    if "encoder" not in files:
        return None
    from language.encoder.session import Encoder  # brings onnxruntime, which the service never needs

    onnx, pieces = (_read(file.parent, files[part]) for part in ("encoder", "pieces"))
    try:
        encoder = Encoder(onnx, pieces.decode())
    except Exception as fault:  # onnxruntime and tokenizers raise what their native sides raise
        raise ModelDamagedError(file, f"names an encoder that cannot be used here ({fault})") from fault
    return Dense(encoder=encoder, weights=arrays["dense"])


def version_of(content: bytes) -> str:
    """By the content of ``model.json``, which names everything the answers depend on."""
    return f"language-{hashlib.sha256(content).hexdigest()[:12]}"


def _json(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, indent=None).encode("utf-8")


def _replace(file: Path, content: bytes) -> None:
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.write_bytes(content)
    os.replace(draft, file)
