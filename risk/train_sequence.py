"""Trains the reader of sequences: what the order of events says that the features leave unsaid. Needs torch.

It learns on top of a context model's logits, each of a member that has not seen the order, so it spends itself on the
sequence. The newest orders are left for the tests of ``risk.train``. Deterministic by seed: one thread.
"""

from __future__ import annotations

import io
import json
import math
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from retention.case import Case
from risk.curves import Floats
from risk.fit_context import MEMBERS, fit_context
from risk.history import WAYS, Past, Progress, tabulate
from risk.measure import accuracy
from risk.sequence.kinds import KINDS, UNKNOWN
from risk.sequence.reader import FORMAT, Placed, padded, save, widths
from risk.sequence.tokens import NUMBERS, Tokens

MET_OFTEN = 30
"""A kind met in fewer sequences is read as an unknown one: its own meaning could only be noise."""


@dataclass(frozen=True, kw_only=True)
class Shape:
    layers: int = 2
    width: int = 40
    heads: int = 4
    inner: int = 80


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """``forgetting``: how often a kind is hidden, which teaches what an unknown kind means."""

    epochs: int = 20
    batch: int = 64
    rate: float = 8e-4
    warm_up: float = 0.1
    decay: float = 0.02
    drop: float = 0.05
    forgetting: float = 0.03


def train_sequence(
    histories: Iterable[tuple[Case, bool]],
    out: Path,
    *,
    source: str,
    seed: int = 0,
    schedule: Schedule | None = None,
    progress: Progress = lambda _, __: None,
) -> dict[str, Any]:
    """Write the ONNX file ``out`` at once or not at all; returns its card. ``source`` says whose history it is.

    Raises ValueError as ``risk.train`` does, and LibraryMissingError where the context's trees cannot be grown.
    """
    older, _ = tabulate(histories, lambda words, done: progress(words, 0.3 * done)).split()
    return learn(older, out, source=source, seed=seed, schedule=schedule or Schedule(), progress=progress)


def learn(older: Past, out: Path, *, source: str, seed: int, schedule: Schedule, progress: Progress) -> dict[str, Any]:
    """Of orders already read, all of them to learn from."""
    progress("正在拟合序列之外的部分", 0.3)
    _, unseen, _ = fit_context(
        older.rows, WAYS, seed=seed, told=lambda done: progress("正在拟合序列之外的部分", 0.3 + 0.2 * done)
    )
    kinds = _kinds(older.read.sequences)
    lesson = _Lesson(older, unseen, kinds)
    net, losses = _learn(lesson, len(kinds), schedule, seed, progress)
    card = {
        "source": source,
        "orders": len(older.lost),
        "from": older.first,
        "to": older.last,
        "seed": seed,
        "kinds": len(kinds),
        "shape": asdict(Shape()),
        "schedule": asdict(schedule),
        **_measured(net, lesson, losses),
    }
    save(_exported(net, kinds, card), out)
    progress("序列模型已就绪", 1.0)
    return card


def _kinds(many: Sequence[Tokens]) -> list[str]:
    met = Counter(kind for each in many for kind in set(each.kinds))
    return [UNKNOWN, *(kind for kind in KINDS if kind != UNKNOWN and met[kind] >= MET_OFTEN)]


class _Lesson:
    """Sequences in batches of one width; the newest stretch is kept to judge by."""

    def __init__(self, past: Past, logits: Floats, kinds: Sequence[str]) -> None:
        self.past = past
        places: Placed = {kind: place for place, kind in enumerate(kinds, start=1)}
        self.judged_from = len(past.lost) - len(past.lost) // MEMBERS
        self.lost = torch.tensor(past.lost, dtype=torch.float32)
        self.logits = torch.tensor(logits, dtype=torch.float32)
        self.by_width = widths(past.read.sequences)
        self._arrays: dict[int, tuple[Tensor, Tensor]] = {}
        self._place = np.zeros(len(past.read.sequences), dtype=np.intp)
        for width, rows in self.by_width.items():
            arrays = padded([past.read.sequences[row] for row in rows], places, width)
            self._arrays[width] = (torch.from_numpy(arrays[0]), torch.from_numpy(arrays[1]))
            self._place[rows] = np.arange(len(rows))

    def batch(self, width: int, rows: Sequence[int]) -> tuple[Tensor, Tensor]:
        kinds, numbers = self._arrays[width]
        places = torch.from_numpy(self._place[list(rows)])
        return kinds[places], numbers[places]

    def batches(self, size: int, generator: np.random.Generator, *, judged: bool) -> list[tuple[int, list[int]]]:
        found = []
        for width, every in self.by_width.items():
            rows = np.array([row for row in every if (row >= self.judged_from) is judged], dtype=np.intp)
            generator.shuffle(rows)
            found += [(width, rows[start : start + size].tolist()) for start in range(0, len(rows), size)]
        generator.shuffle(found)
        return found


def _learn(lesson: _Lesson, kinds: int, plan: Schedule, seed: int, progress: Progress) -> tuple[_Net, list[float]]:
    """The net of the epoch that judged best, and the loss of the judged before the first and after each epoch."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    generator = np.random.default_rng(seed)
    net = _Net(kinds, Shape(), plan.drop, plan.forgetting)
    optimiser = torch.optim.AdamW(net.parameters(), lr=plan.rate, weight_decay=plan.decay)
    batches = len(lesson.batches(plan.batch, generator, judged=False))
    steps = max(1, plan.epochs * batches)
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda at: min(1.0, (at + 1) / (plan.warm_up * steps)) * max(0.0, steps - at) / steps
    )
    losses, best = [_judged(net, lesson)], net.state_dict()
    for epoch in range(plan.epochs):
        net.train()
        for width, rows in lesson.batches(plan.batch, generator, judged=False):
            loss = _loss(net, lesson, width, rows)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            scheduler.step()
        losses.append(_judged(net, lesson))
        if losses[-1] <= min(losses):
            best = {name: tensor.clone() for name, tensor in net.state_dict().items()}
        progress(f"正在学习序列，第 {epoch + 1}/{plan.epochs} 轮", 0.5 + 0.5 * (epoch + 1) / plan.epochs)
    net.load_state_dict(best)
    net.eval()
    return net, losses


def _loss(net: _Net, lesson: _Lesson, width: int, rows: Sequence[int]) -> Tensor:
    logits = lesson.logits[rows] + net.bias + net(*lesson.batch(width, rows)).sum(dim=1)
    return nn.functional.binary_cross_entropy_with_logits(logits, lesson.lost[rows])


@torch.no_grad()  # type: ignore[untyped-decorator]
def _judged(net: _Net, lesson: _Lesson) -> float:
    net.eval()
    batches = lesson.batches(1024, np.random.default_rng(0), judged=True)
    total = sum(float(_loss(net, lesson, width, rows)) * len(rows) for width, rows in batches)
    return total / max(1, sum(len(rows) for _, rows in batches))


class _Net(nn.Module):  # type: ignore[misc]
    """Kinds (n, length), 0 where there is none, and numbers (n, length, NUMBERS) -> every token's share (n, length)."""

    def __init__(self, kinds: int, shape: Shape, drop: float, forgetting: float) -> None:
        super().__init__()
        self.kind = nn.Embedding(kinds + 1, shape.width, padding_idx=0)
        nn.init.normal_(self.kind.weight, std=0.2)
        self.number = nn.Sequential(nn.Linear(NUMBERS, shape.inner), nn.GELU(), nn.Linear(shape.inner, shape.width))
        self.layers = nn.ModuleList(_Layer(shape, drop) for _ in range(shape.layers))
        self.norm = nn.LayerNorm(shape.width)
        self.share = nn.Linear(shape.width, 1, bias=False)
        nn.init.zeros_(self.share.weight)
        self.bias = nn.Parameter(torch.zeros(()))
        self.forgetting = forgetting

    def forward(self, kinds: Tensor, numbers: Tensor) -> Tensor:
        there = (kinds > 0).to(numbers.dtype)
        if self.training:  # 1 is the place of the unknown kind
            kinds = torch.where((torch.rand(kinds.shape) < self.forgetting) & (kinds > 0), 1, kinds)
        states = self.kind(kinds) + self.number(numbers)
        unseen = (1 - there)[:, None, None, :] * -1e4
        for layer in self.layers:
            states = layer(states, unseen)
        shares: Tensor = self.share(self.norm(states)).squeeze(-1) * there
        return shares


class _Layer(nn.Module):  # type: ignore[misc]
    def __init__(self, shape: Shape, drop: float) -> None:
        super().__init__()
        self.heads, self.width = shape.heads, shape.width
        self.looking = nn.Linear(shape.width, 3 * shape.width)
        self.seen = nn.Linear(shape.width, shape.width)
        self.inner = nn.Sequential(
            nn.Linear(shape.width, shape.inner), nn.GELU(), nn.Dropout(drop), nn.Linear(shape.inner, shape.width)
        )
        self.first, self.second = nn.LayerNorm(shape.width), nn.LayerNorm(shape.width)
        self.drop = nn.Dropout(drop)

    def forward(self, states: Tensor, unseen: Tensor) -> Tensor:
        looking = self.looking(self.first(states)).unflatten(-1, (3, self.heads, self.width // self.heads))
        query, key, value = looking.permute(2, 0, 3, 1, 4).unbind(0)
        scores = query @ key.transpose(-1, -2) / math.sqrt(self.width // self.heads) + unseen
        seen = (torch.softmax(scores, dim=-1) @ value).transpose(1, 2).flatten(2)
        states = states + self.drop(self.seen(seen))
        after: Tensor = states + self.drop(self.inner(self.second(states)))
        return after


@torch.no_grad()  # type: ignore[untyped-decorator]
def _measured(net: _Net, lesson: _Lesson, losses: list[float]) -> dict[str, Any]:
    """On the newest stretch, which chose the epoch: the loss without and with the sequence, and the ranking."""
    own = np.zeros(len(lesson.past.lost))
    for width, rows in lesson.batches(1024, np.random.default_rng(0), judged=True):
        own[rows] = net(*lesson.batch(width, rows)).sum(dim=1).numpy()
    newest = slice(lesson.judged_from, None)
    before, lost = lesson.logits.numpy().astype(np.float64)[newest], lesson.past.lost[newest]
    return {
        "loss": [round(each, 5) for each in losses],
        "context_auc": accuracy(lost, _sigmoid(before))["auc"],
        "hybrid_auc": accuracy(lost, _sigmoid(before + own[newest]))["auc"],
    }


def _sigmoid(logits: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-logits)), dtype=np.float64)


def _exported(net: _Net, kinds: Sequence[str], card: dict[str, Any]) -> bytes:
    import onnx

    net.eval()
    file = io.BytesIO()
    example = (torch.ones((2, 5), dtype=torch.int64), torch.zeros((2, 5, NUMBERS)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the older exporter, which needs no further package
        torch.onnx.export(
            net,
            example,
            file,
            input_names=["kinds", "numbers"],
            output_names=["shares"],
            dynamic_axes={name: {0: "orders", 1: "length"} for name in ("kinds", "numbers", "shares")},
            opset_version=17,
            dynamo=False,
        )
    model = onnx.load_from_string(file.getvalue())
    told = {
        "format": FORMAT,
        "numbers": str(NUMBERS),
        "kinds": json.dumps(kinds),
        "card": json.dumps(card, ensure_ascii=False),
    }
    onnx.helper.set_model_props(model, told)
    serialised: bytes = model.SerializeToString()
    return serialised
