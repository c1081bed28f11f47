"""Weights as an ONNX model for onnxruntime: 8-bit matrices and words, one text or several of one length at a time.

Written node by node rather than traced, so that building it needs neither torch nor transformers. Input ``ids`` (texts,
pieces), int64; output ``meaning`` (texts, width), float32, the mean over the pieces. There is no mask: texts of one call
have the same number of pieces.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from language.encoder.weights import Array, Weights

OPSET, IR = 17, 8  # what onnxruntime 1.20, the last one for Python 3.10, certainly reads
_LEVELS, _MIDDLE = 127, 128
_SPREAD = 4.0  # standard deviations that a normalised state reaches


def build(weights: Weights) -> bytes:
    """The serialised model."""
    graph = _Graph(weights)
    graph.add_all()
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "encoder",
            [helper.make_tensor_value_info("ids", TensorProto.INT64, ["texts", "pieces"])],
            [helper.make_tensor_value_info("meaning", TensorProto.FLOAT, ["texts", weights.width])],
            initializer=graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR,
    )
    onnx.checker.check_model(model)
    serialised: bytes = model.SerializeToString()
    return serialised


class _Graph:
    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._count = 0
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def add_all(self) -> None:
        tensors, scale = self._weights.tensors, 1 / math.sqrt(self._weights.width / self._weights.heads)
        normed = "norm"
        states = self._norm(self._embedded(), normed)
        for layer in range(self._weights.layers):
            query, key, value = (f"{layer}.{part}" for part in ("query", "key", "value"))
            joined = np.concatenate(
                [tensors[f"{query}.weight"] * scale, tensors[f"{key}.weight"], tensors[f"{value}.weight"]], axis=1
            )
            bias = np.concatenate([tensors[f"{query}.bias"] * scale, tensors[f"{key}.bias"], tensors[f"{value}.bias"]])
            looked = self._attend(self._linear(states, joined, bias, self._reach(normed)))
            states = self._norm(
                self._op("Add", self._part(looked, f"{layer}.attention"), states), f"{layer}.attention_norm"
            )
            inner = self._gelu(self._part(states, f"{layer}.up", self._reach(f"{layer}.attention_norm")))
            normed = f"{layer}.output_norm"
            states = self._norm(self._op("Add", self._part(inner, f"{layer}.down"), states), normed)
        self._op("ReduceMean", states, axes=[1], keepdims=0, out="meaning")

    def _embedded(self) -> str:
        """Words in 8 bits a weight with a scale a row; positions from the first on."""
        levels, scales = _quantised(self._weights.words, axis=1)
        rows = self._op("Cast", self._op("Gather", self._constant(levels), "ids"), to=TensorProto.FLOAT)
        words = self._op("Mul", rows, self._op("Gather", self._constant(scales), "ids"))
        length = self._op("Slice", self._op("Shape", "ids"), *self._integers([1], [2]))
        places = self._op(
            "Slice", self._constant(self._weights.positions), *self._integers([0]), length, *self._integers([0])
        )
        return self._op("Add", words, places)

    def _attend(self, joined: str) -> str:
        heads, width = self._weights.heads, self._weights.width
        shape = self._constant(np.array([0, 0, heads, width // heads], np.int64))
        parts = self._op("Split", joined, self._constant(np.array([width] * 3, np.int64)), axis=2, outputs=3).split()
        query, key, value = (self._op("Reshape", part, shape) for part in parts)
        query, value = (self._op("Transpose", part, perm=[0, 2, 1, 3]) for part in (query, value))
        shares = self._op("Softmax", self._op("MatMul", query, self._op("Transpose", key, perm=[0, 2, 3, 1])), axis=-1)
        seen = self._op("Transpose", self._op("MatMul", shares, value), perm=[0, 2, 1, 3])
        return self._op("Reshape", seen, self._constant(np.array([0, 0, width], np.int64)))

    def _gelu(self, states: str) -> str:
        wave = self._op("Erf", self._op("Div", states, self._number(math.sqrt(2))))
        lifted = self._op("Add", wave, self._number(1))
        return self._op("Mul", self._op("Mul", states, lifted), self._number(0.5))

    def _norm(self, states: str, name: str) -> str:
        tensors = self._weights.tensors
        scale, bias = (self._constant(tensors[f"{name}.{part}"]) for part in ("weight", "bias"))
        return self._op("LayerNormalization", states, scale, bias, axis=-1, epsilon=self._weights.epsilon)

    def _part(self, states: str, name: str, reach: Array | None = None) -> str:
        tensors = self._weights.tensors
        return self._linear(states, tensors[f"{name}.weight"], tensors[f"{name}.bias"], reach)

    def _reach(self, norm: str) -> Array:
        """How large each channel behind a normalisation gets."""
        tensors = self._weights.tensors
        largest = _SPREAD * np.abs(tensors[f"{norm}.weight"]) + np.abs(tensors[f"{norm}.bias"])
        return np.asarray(largest, np.float32)

    def _linear(self, states: str, matrix: Array, bias: Array, reach: Array | None = None) -> str:
        """8 bits: weights with a scale a column, inputs with a scale a piece, so that texts of one call do not meet.

        A few channels of a Transformer are far larger than the rest and would take all levels for themselves. ``reach``,
        how large each input may get, moves part of that into the weights (SmoothQuant, arXiv 2211.10438).
        """
        if reach is not None:
            smooth = np.asarray(
                np.sqrt(np.maximum(reach, 1e-6) / np.maximum(np.abs(matrix).max(axis=1), 1e-6)), np.float32
            )
            states = self._op("Mul", states, self._constant(1 / smooth))
            matrix = matrix * smooth[:, np.newaxis]
        inputs, input_scale, zero = self._quantised_inputs(states)
        levels, scales = _quantised(matrix, axis=0)
        product = self._op("MatMulInteger", inputs, self._constant(levels), zero)
        # One scale after the other: onnxruntime takes a product of both for scales of whole matrices, and computes nonsense.
        real = self._op("Mul", self._op("Cast", product, to=TensorProto.FLOAT), input_scale)
        return self._op("Add", self._op("Mul", real, self._constant(scales.reshape(-1))), self._constant(bias))

    def _quantised_inputs(self, states: str) -> tuple[str, str, str]:
        """Levels, scales and zero."""
        highest = self._op("ReduceMax", self._op("Abs", states), axes=[-1], keepdims=1)
        scale = self._op("Mul", highest, self._number(1 / _LEVELS))
        rounded = self._op("Add", self._op("Div", states, scale), self._number(_MIDDLE + 0.5))  # the cast cuts off
        levels = self._op("Cast", rounded, to=TensorProto.UINT8)
        return levels, scale, self._constant(np.array(_MIDDLE, np.uint8))

    def _number(self, value: float) -> str:
        return self._constant(np.array(value, np.float32))

    def _op(self, kind: str, *inputs: str, outputs: int = 1, out: str = "", **attributes: object) -> str:
        """Adds a node; names of several outputs come separated by blanks."""
        names = [out] if out else [self._fresh() for _ in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return " ".join(names)

    def _constant(self, value: npt.NDArray[Any]) -> str:
        name = self._fresh()
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def _integers(self, *values: list[int]) -> list[str]:
        return [self._constant(np.array(value, np.int64)) for value in values]

    def _fresh(self) -> str:
        self._count += 1
        return f"t{self._count}"


def _quantised(matrix: Array, axis: int) -> tuple[npt.NDArray[np.int8], Array]:
    """Symmetric levels and the scale along an axis."""
    scales = np.maximum(np.abs(matrix).max(axis=axis, keepdims=True), 1e-12) / _LEVELS
    return np.rint(matrix / scales).astype(np.int8), scales.astype(np.float32)
