"""A small Transformer over a row's fields, one token a field: the sequence model's shape where a row is all there is (torch)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from risk.table import Floats, Sheet

WIDTH, HEADS, LAYERS, HIDDEN = 32, 4, 2, 64
STEPS = 16
"""A number is told by how far it is through each sixteenth of the train part."""
RARE = 10
"""A category seen less often shares the token of the unknown."""
FORGOTTEN = 0.1
"""Share of categories shown as unknown while learning, so that the unknown means something."""
BATCH, RATE, DECAY = 256, 2e-3, 0.02
ROWS = 80_000
PASSES = 8
"""Rows shown in all: that many times the train part, and no more than ROWS."""


@dataclass(frozen=True, kw_only=True)
class Tokens:
    codes: torch.Tensor
    """(n, categories), 0 is the unknown."""
    sizes: Sequence[int]
    steps: Sequence[torch.Tensor]
    """One (n, steps) a number; blanks are all 0 with a last step of 1."""

    @staticmethod
    def of(sheet: Sheet, taught: NDArray[np.int64]) -> Tokens:
        codes, sizes, steps = [np.zeros(len(sheet.values), np.int64)], [1], []
        for place in range(sheet.values.shape[1]):
            column = sheet.values[:, place]
            if place in sheet.categories:
                found = _frequent(column, column[taught])
                codes.append(found)
                sizes.append(int(found.max()) + 1)
            else:
                steps.append(torch.from_numpy(_steps(column, column[taught])))
        return Tokens(codes=torch.from_numpy(np.column_stack(codes)), sizes=sizes, steps=steps)


def _frequent(column: Floats, taught: Floats) -> NDArray[np.int64]:
    known, count = np.unique(taught[~np.isnan(taught)], return_counts=True)
    known = known[count >= RARE]
    if not len(known):
        return np.zeros(len(column), np.int64)
    place = np.clip(np.searchsorted(known, column), 0, len(known) - 1)
    return np.where(known[place] == column, place + 1, 0)


def _steps(column: Floats, taught: Floats) -> NDArray[np.float32]:
    there = taught[~np.isnan(taught)]
    edges = np.unique(np.quantile(there, np.linspace(0, 1, STEPS + 1))) if len(there) else np.zeros(1)
    edges = edges if len(edges) > 1 else np.array([edges[0], edges[0] + 1])
    blank = np.isnan(column)
    through = np.clip((column[:, None] - edges[:-1]) / np.diff(edges), 0, 1)
    return np.column_stack([np.where(blank[:, None], 0, through), blank]).astype(np.float32)


class Fields(nn.Module):  # type: ignore[misc]
    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self.categories = nn.ModuleList(nn.Embedding(size, WIDTH) for size in tokens.sizes)
        for table in self.categories:
            nn.init.normal_(table.weight, std=0.1)
        self.numbers = nn.ModuleList(nn.Linear(each.shape[1], WIDTH) for each in tokens.steps)
        layer = nn.TransformerEncoderLayer(
            WIDTH, HEADS, HIDDEN, 0.1, activation="gelu", batch_first=True, norm_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, LAYERS, enable_nested_tensor=False)
        self.head = nn.Sequential(nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 1))

    def forward(self, codes: torch.Tensor, steps: Sequence[torch.Tensor]) -> torch.Tensor:
        """Logits (n,). The first token stands for the row: its code is 0 in every row."""
        words = [table(codes[:, place]) for place, table in enumerate(self.categories)]
        words += [line(each) for line, each in zip(self.numbers, steps, strict=True)]
        found: torch.Tensor = self.head(self.encoder(torch.stack(words, 1))[:, 0])[:, 0]
        return found


def fields_logits(sheet: Sheet, lost: Floats, taught: NDArray[np.int64], weights: Floats, seed: int) -> Floats:
    """(n,) logits of every row by what the ``taught`` rows (indices) with their weights (of those rows) say."""
    torch.manual_seed(seed)
    dice = np.random.default_rng(seed)
    tokens = Tokens.of(sheet, taught)
    net = Fields(tokens)
    batches = max(1, min(ROWS, PASSES * len(taught)) // BATCH)
    optimiser = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    pace = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=batches + 1)
    truth = torch.from_numpy(lost.astype(np.float32))
    shown = dice.choice(taught, (batches, BATCH), p=weights / weights.sum())
    for batch in torch.from_numpy(shown):
        codes = tokens.codes[batch]
        codes = torch.where(torch.rand(codes.shape) < FORGOTTEN, 0, codes)
        found = net(codes, [each[batch] for each in tokens.steps])
        loss: Any = nn.functional.binary_cross_entropy_with_logits(found, truth[batch])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        pace.step()
    net.eval()
    with torch.no_grad():
        parts = [
            net(tokens.codes[start : start + 4096], [each[start : start + 4096] for each in tokens.steps])
            for start in range(0, len(lost), 4096)
        ]
    return np.asarray(torch.cat(parts).numpy(), dtype=np.float64)
