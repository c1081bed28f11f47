"""The trained model on disk: weights in ``weights-<hash>.npz``, everything else in ``model.json``, no code in either.

``model.json`` names its weights file and is replaced last, in one step: a reader sees the old model or the new one.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from language.errors import DataError, ModelDamagedError, ModelMissingError
from language.lexicon import from_data
from language.model import Calibration, Model, Scale
from language.vectors import Vectoriser

MODEL = "model.json"
CARD = "card.json"
_FORMAT = 1


def save(model: Model, card: Mapping[str, Any], folder: Path) -> None:
    """Write the model and its card; the model that was there before goes on being readable until the last step."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = _packed(model)
    digest = hashlib.sha256(weights).hexdigest()
    weights_file = f"weights-{digest[:12]}.npz"
    _replace(folder / weights_file, weights)
    _replace(folder / CARD, _json(card))
    _replace(folder / MODEL, _json({"format": _FORMAT, "weights": weights_file, "sha256": digest, **_described(model)}))
    for old in folder.glob("weights-*.npz"):
        if old.name != weights_file:
            old.unlink(missing_ok=True)


def load(folder: Path) -> tuple[Model, str]:
    """The model and its version; raises ModelMissingError or ModelDamagedError."""
    file = folder / MODEL
    if not file.is_file():
        raise ModelMissingError(file)
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        if data["format"] != _FORMAT:
            raise ModelDamagedError(file, f"has format {data['format']!r}, this version reads {_FORMAT}")
        return _built(file, data, _read_weights(folder / data["weights"], data["sha256"])), f"language-{_version(data)}"
    except (KeyError, TypeError, ValueError, UnicodeDecodeError, DataError, zipfile.BadZipFile) as fault:
        raise ModelDamagedError(file, f"cannot be read ({type(fault).__name__}: {fault})") from fault


def _read_weights(file: Path, digest: str) -> Mapping[str, Any]:
    if not file.is_file():
        raise ModelDamagedError(file, "is missing")
    content = file.read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise ModelDamagedError(file, "is not the file that was trained (its SHA-256 differs)")
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def _packed(model: Model) -> bytes:
    calibration = model.calibration
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        weights=model.weights,
        bias=model.bias,
        idf=model.vectoriser.idf,
        intent_bias=calibration.intent_scale.bias,
        emotion_bias=calibration.emotion_scale.bias,
        flag_by_intent=calibration.flag_by_intent,
        flag_line=calibration.flag_line,
    )
    return buffer.getvalue()


def _described(model: Model) -> dict[str, Any]:
    return {
        "intents": list(model.intents),
        "reasons": list(model.reasons),
        "emotions": list(model.emotions),
        "thresholds": dict(model.thresholds),
        "intent_temperature": model.calibration.intent_scale.temperature,
        "intent_top": list(model.calibration.intent_top),
        "emotion_temperature": model.calibration.emotion_scale.temperature,
        "lexicon": model.vectoriser.lexicon.as_data(),
        "pieces": [list(places) for places in model.vectoriser.places],
    }


def _built(file: Path, data: Mapping[str, Any], arrays: Mapping[str, Any]) -> Model:
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
            flag_by_intent=arrays["flag_by_intent"],
            flag_line=arrays["flag_line"],
        ),
        thresholds={str(reason): float(threshold) for reason, threshold in data["thresholds"].items()},
    )


def _version(data: Mapping[str, Any]) -> str:
    """Of everything the answers depend on."""
    return hashlib.sha256(_json(data)).hexdigest()[:12]


def _json(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, indent=None).encode("utf-8")


def _replace(file: Path, content: bytes) -> None:
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.write_bytes(content)
    os.replace(draft, file)
