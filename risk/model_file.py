"""A risk model on disk: one file, so that it is there whole or not at all."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from risk.blend import Blend
from risk.booster import Booster
from risk.context import Context, Member
from risk.curves import Ramps
from risk.features import FEATURES
from risk.model import RiskModel
from risk.neighbours import PastOrders
from risk.pooling import Pooling
from risk.prior import POINTS
from risk.sequence.reader import SequenceReader
from risk.silent import Silent
from risk.unusable import ModelUnusableError

FILE = "risk.json"
FORMAT = 2


def load(folder: Path) -> RiskModel:
    """Raises FileNotFoundError when there is none and ModelUnusableError when it is not of this program."""
    path = folder / FILE
    try:
        return _read(json.loads(path.read_text(encoding="utf-8")), str(path))
    except ModelUnusableError:
        raise
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise ModelUnusableError(f"{path}: {error!r} is not readable as a risk model; train again") from error


def save(model: RiskModel, folder: Path) -> None:
    """At once or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{FILE}.part"
    part.write_text(json.dumps(_written(model), ensure_ascii=False), encoding="utf-8")
    os.replace(part, folder / FILE)


def _read(data: Mapping[str, Any], path: str) -> RiskModel:
    if data["format"] != FORMAT:
        raise ValueError(f"format {data['format']}, this program reads {FORMAT}")
    unknown = sorted(set(data["names"]) - set(FEATURES))
    if unknown:
        raise ValueError(f"features unknown to this program: {', '.join(unknown)}")
    names = tuple(data["names"])
    reader = SequenceReader.of(base64.b64decode(data["sequence"], validate=True), path)
    past = data["past"]
    return RiskModel(
        version=str(data["version"]),
        names=names,
        context=Context(
            ramps=Ramps(
                feature=np.array(data["ramps"]["feature"], dtype=np.intp),
                start=np.array(data["ramps"]["start"], dtype=np.float64),
                width=np.array(data["ramps"]["width"], dtype=np.float64),
            ),
            features=len(names),
            members=tuple(_member(each) for each in data["members"]),
        ),
        reader=reader,
        blend=_blend(data["blend"]),
        silent=Silent(usual=_usual(data["silent"])),
        centre=np.array(data["centre"], dtype=np.float64),
        past=PastOrders(
            order_nos=past["order_nos"],
            cancelled=past["cancelled"],
            shares=np.array(past["shares"], dtype=np.float64).reshape(-1, len(names) + 1 + len(reader.places)),
            spread=float(past["spread"]),
        ),
        card=data["card"],
    )


def _blend(data: Mapping[str, Any]) -> Blend:
    return Blend(
        bias=float(data["bias"]),
        context=float(data["context"]),
        sequence=float(data["sequence"]),
        doubt=np.array(data["doubt"], dtype=np.float64).reshape(3, 3),
    )


def _usual(data: Mapping[str, Any]) -> Mapping[str, float]:
    unknown = sorted(set(data) - set(POINTS))
    if unknown:
        raise ValueError(f"no points for {', '.join(unknown)} in this program")
    return {name: float(value) for name, value in data.items()}


def _member(data: Mapping[str, Any]) -> Member:
    pooling = data["pooling"]
    drivers = tuple(tuple(int(column) for column in group) for group in pooling["drivers"])
    return Member(
        weights=np.array(data["weights"], dtype=np.float64),
        bias=float(data["bias"]),
        pooling=Pooling(
            paths={path: row for row, path in enumerate(pooling["paths"])},
            effects=np.array(pooling["effects"], dtype=np.float64).reshape(len(pooling["paths"]), 1 + len(drivers)),
            drivers=drivers,
        ),
        booster=Booster.of(data["booster"]),
    )


def _written(model: RiskModel) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": model.version,
        "names": list(model.names),
        "ramps": {
            "feature": model.context.ramps.feature.tolist(),
            "start": model.context.ramps.start.tolist(),
            "width": model.context.ramps.width.tolist(),
        },
        "members": [
            {
                "weights": member.weights.tolist(),
                "bias": member.bias,
                "pooling": {
                    "paths": list(member.pooling.paths),
                    "effects": member.pooling.effects.tolist(),
                    "drivers": [list(group) for group in member.pooling.drivers],
                },
                "booster": member.booster.text,
            }
            for member in model.context.members
        ],
        "sequence": base64.b64encode(model.reader.graph).decode(),
        "blend": {
            "bias": model.blend.bias,
            "context": model.blend.context,
            "sequence": model.blend.sequence,
            "doubt": model.blend.doubt.tolist(),
        },
        "silent": dict(model.silent.usual),
        "centre": model.centre.tolist(),
        "past": {
            "order_nos": list(model.past.order_nos),
            "cancelled": list(model.past.cancelled),
            "shares": np.round(model.past.shares, 4).tolist(),
            "spread": model.past.spread,
        },
        "card": dict(model.card),
    }
