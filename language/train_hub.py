"""Reads any encoder of the BERT family from a folder or a hub. Needs the training environment (torch, sentence-transformers)."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt

from language.encoder.weights import TRANSFORMERS_NAMES, Array, Weights
from language.errors import EncoderMissingError

_FAMILY = ("bert", "roberta", "xlm-roberta")
_NORM = "embeddings.LayerNorm"


def read_hub(name: str) -> Weights:
    """``name``: a folder with a sentence-transformers or transformers model, or its name on a hub.

    Raises EncoderMissingError when it cannot be had, or is none of ours to read.
    """
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as fault:
        raise EncoderMissingError(f"reading the encoder {name!r} needs the training environment: make train") from fault
    try:
        model = SentenceTransformer(name, device="cpu")
    except (OSError, ValueError) as fault:
        raise EncoderMissingError(f"no encoder can be read from {name!r} ({fault})") from fault
    body = model[0].auto_model
    if body.config.model_type not in _FAMILY:
        raise EncoderMissingError(f"{name!r} is a {body.config.model_type} model; known are {', '.join(_FAMILY)}")
    return _weights(name, body, model.tokenizer.backend_tokenizer.to_str())


def _weights(name: str, body: Any, tokenizer: str) -> Weights:
    state: dict[str, Array] = {key: tensor.detach().float().cpu().numpy() for key, tensor in body.state_dict().items()}
    # RoBERTa counts positions from the one after its padding.
    first = 0 if body.config.model_type == "bert" else body.config.pad_token_id + 1
    tensors = {"norm.weight": state[f"{_NORM}.weight"], "norm.bias": state[f"{_NORM}.bias"]}
    for layer in range(body.config.num_hidden_layers):
        for part, path in TRANSFORMERS_NAMES.items():
            matrix = state[f"encoder.layer.{layer}.{path}.weight"]
            tensors[f"{layer}.{part}.weight"] = np.ascontiguousarray(matrix.T) if matrix.ndim == 2 else matrix
            tensors[f"{layer}.{part}.bias"] = state[f"encoder.layer.{layer}.{path}.bias"]
    kind: npt.NDArray[np.float32] = state["embeddings.token_type_embeddings.weight"][0]
    return Weights(
        name=name,
        tokenizer=_without_padding(tokenizer),
        heads=body.config.num_attention_heads,
        epsilon=body.config.layer_norm_eps,
        words=state["embeddings.word_embeddings.weight"],
        positions=state["embeddings.position_embeddings.weight"][first:] + kind,
        tensors=tensors,
    )


def _without_padding(tokenizer: str) -> str:
    """One text at a time needs neither padding nor cutting by the tokenizer."""
    return json.dumps({**json.loads(tokenizer), "padding": None, "truncation": None}, ensure_ascii=False)
