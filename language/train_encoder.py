"""Fine-tunes the encoder on the utterances: intent, reasons, escalation, emotion and intensity at once. Needs torch.

The lower layers are left as they came, so that they run once and not once an epoch: half the time, and no worse
(docs/decisions/0008). Deterministic by seed on one kind of machine; a GPU is used when there is one.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from language.encoder.adapter import Adapter, learn_adapter
from language.encoder.session import pieces_of
from language.encoder.weights import NORMS, TRANSFORMERS_NAMES, Weights
from language.train_heads import EMOTIONS, REASONS, Labels
from language.train_lesson import Lesson, digest, read_lesson
from language.utterances import Utterance

Progress = Callable[[str, float], None]

_SORTED_AT_ONCE = 24  # batches whose texts are sorted by length among themselves, so that little is padded
_LOOKED_AT = 1500  # texts that say what is usual for the encoder


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """How long and how fast. ``frozen``: layers left as they came; rates are those at the peak, a step of a batch each."""

    epochs: int = 3
    batch: int = 64
    frozen: int = 6
    rate: float = 2e-4
    head_rate: float = 1e-3
    warm_up: float = 0.06
    smoothing: float = 0.05


def learn_adapter_of(
    base: Weights,
    data: Path,
    *,
    more: Sequence[Utterance] = (),
    seed: int = 0,
    progress: Progress,
    schedule: Schedule | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
) -> Adapter:
    """What an encoder learns from the taught utterances of ``data`` and ``more``. Raises DataError."""
    lesson, plan = read_lesson(data, more), schedule or Schedule()
    after = fine_tune(base, lesson, seed=seed, progress=progress, schedule=plan)
    card = {
        "trained_at": clock().isoformat(timespec="seconds"),
        "data_sha256": digest(data),
        "examples": len(lesson.taught),
        "seed": seed,
        "schedule": asdict(plan),
    }
    return learn_adapter(base, after, card)


def fine_tune(
    base: Weights, lesson: Lesson, *, seed: int, progress: Progress, schedule: Schedule | None = None
) -> Weights:
    """The encoder after training on the taught utterances. ``progress`` gets a stage and the share done."""
    plan = schedule or Schedule()
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # it takes longer than the training
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    texts = [lesson.texts[row] for row in lesson.taught]
    tokenizer = Tokenizer.from_str(base.tokenizer)
    net = _Net(base, plan.frozen, len(lesson.labels.names)).to(device)
    progress("encode", 0.0)
    states = net.lower([pieces_of(tokenizer, text) for text in texts], device)
    shuffled = random.Random(seed)  # noqa: S311 - an order, not a secret
    net.get_used_to(
        [states[place] for place in shuffled.sample(range(len(states)), min(_LOOKED_AT, len(states)))], device
    )
    _learn(net, states, _Targets(lesson.labels.of(lesson.taught), device), plan, shuffled, device, progress)
    after: Weights = net.weights(base)
    return after


def _learn(
    net: _Net,
    states: Sequence[Tensor],
    targets: _Targets,
    plan: Schedule,
    shuffled: random.Random,
    device: torch.device,
    progress: Progress,
) -> None:
    heads = list(net.head.parameters())
    upper = [parameter for parameter in net.upper.parameters() if parameter.requires_grad]
    groups = [{"params": upper, "lr": plan.rate}, {"params": heads, "lr": plan.head_rate}]
    optimiser = torch.optim.AdamW(groups, fused=True)
    steps, step = plan.epochs * math.ceil(len(states) / plan.batch), 0
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda at: min(1.0, (at + 1) / (plan.warm_up * steps)) * (steps - at) / steps
    )
    net.train()
    for epoch in range(plan.epochs):
        for rows in _batches([len(state) for state in states], plan.batch, shuffled):
            loss = targets.loss(net(*_padded([states[row] for row in rows], device)), rows, plan.smoothing)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_([*upper, *heads], 1.0)
            optimiser.step()
            scheduler.step()
            step += 1
            progress(f"epoch {epoch + 1}/{plan.epochs}", 0.05 + 0.95 * step / steps)


class _Net(nn.Module):  # type: ignore[misc]
    """The lower layers as they came, the upper ones to train, and one linear head over the mean of the pieces."""

    def __init__(self, base: Weights, frozen: int, intents: int) -> None:
        super().__init__()
        bert = _bert(base)
        self.embeddings = bert.embeddings.requires_grad_(False)
        self.frozen = bert.encoder.layer[:frozen].requires_grad_(False)
        self.upper = bert.encoder.layer[frozen:]
        self.head = nn.Linear(base.width, intents + len(REASONS) + 1 + len(EMOTIONS) + 1)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)
        self.drop = nn.Dropout(0.1)
        self.register_buffer("middle", torch.zeros(base.width))
        self.register_buffer("spread", torch.ones(base.width))

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Outputs (texts, intents + flags + emotions + intensity)."""
        outputs: Tensor = self.head(self.drop((self.pooled(states, mask) - self.middle) / self.spread))
        return outputs

    def pooled(self, states: Tensor, mask: Tensor) -> Tensor:
        known = mask.unsqueeze(-1)
        return (_through(self.upper, states, mask) * known).sum(1) / known.sum(1)

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def lower(self, pieces: Sequence[list[int]], device: torch.device) -> list[Tensor]:
        """What the frozen layers make of each text; (pieces, width) each."""
        self.eval()
        states: list[Tensor] = [torch.empty(0)] * len(pieces)
        order = sorted(range(len(pieces)), key=lambda place: len(pieces[place]))
        for start in range(0, len(order), 64):
            rows = order[start : start + 64]
            longest = max(len(pieces[row]) for row in rows)
            ids = torch.tensor([pieces[row] + [0] * (longest - len(pieces[row])) for row in rows], device=device)
            mask = torch.tensor([[1.0] * len(pieces[row]) + [0.0] * (longest - len(pieces[row])) for row in rows])
            lower = _through(self.frozen, self.embeddings(input_ids=ids), mask.to(device)).cpu()
            for place, row in enumerate(rows):
                states[row] = lower[place, : len(pieces[row])].clone()
        return states

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def get_used_to(self, states: Sequence[Tensor], device: torch.device) -> None:
        """Means lie close together in some encoders; brought to unit spread, they can be told apart from the first step."""
        self.eval()
        pooled = torch.cat(
            [self.pooled(*_padded(states[start : start + 64], device)) for start in range(0, len(states), 64)]
        )
        self.middle.copy_(pooled.mean(0))
        self.spread.copy_(pooled.std(0) + 1e-6)

    def weights(self, base: Weights) -> Weights:
        tensors = dict(base.tensors)
        for place, layer in enumerate(self.upper, start=len(self.frozen)):
            for name, path in TRANSFORMERS_NAMES.items():
                part = layer.get_submodule(path)
                matrix = part.weight.detach().cpu().numpy()
                tensors[f"{place}.{name}.weight"] = matrix if name in NORMS else np.ascontiguousarray(matrix.T)
                tensors[f"{place}.{name}.bias"] = part.bias.detach().cpu().numpy()
        return replace(base, tensors=tensors)


class _Targets:
    def __init__(self, labels: Labels, device: torch.device) -> None:
        self._intents = torch.tensor(labels.intents, device=device)
        self._flags = torch.tensor(labels.flags, dtype=torch.float32, device=device)
        self._emotions = torch.tensor(labels.emotions, device=device)
        self._intensities = torch.tensor(labels.intensities, dtype=torch.float32, device=device)
        self._cuts = [len(labels.names), labels.flags.shape[1], len(EMOTIONS), 1]
        self._neutral = EMOTIONS.index("neutral")

    def loss(self, outputs: Tensor, rows: Sequence[int], smoothing: float) -> Tensor:
        """Weighed so that no question drowns another; intensity only of messages that show an emotion."""
        intents, flags, emotions, intensity = outputs.split(self._cuts, dim=1)
        felt = self._emotions[rows]
        loss = nn.functional.cross_entropy(intents, self._intents[rows], label_smoothing=smoothing)
        loss = loss + 3.0 * nn.functional.binary_cross_entropy_with_logits(flags, self._flags[rows])
        loss = loss + 0.5 * nn.functional.cross_entropy(emotions, felt, label_smoothing=smoothing)
        moved = felt != self._neutral
        if moved.any():
            off = torch.sigmoid(intensity[:, 0]) - self._intensities[rows]
            loss = loss + 0.3 * (off[moved] ** 2).mean()
        return loss


def _bert(base: Weights) -> BertModel:
    config = BertConfig(
        vocab_size=len(base.words),
        hidden_size=base.width,
        num_hidden_layers=base.layers,
        num_attention_heads=base.heads,
        intermediate_size=base.tensors["0.up.bias"].shape[0],
        max_position_embeddings=len(base.positions),
        type_vocab_size=1,
        layer_norm_eps=base.epsilon,
    )
    bert = BertModel(config, add_pooling_layer=False)
    state = {
        "embeddings.word_embeddings.weight": base.words,
        "embeddings.position_embeddings.weight": base.positions,
        "embeddings.token_type_embeddings.weight": np.zeros((1, base.width), np.float32),
        "embeddings.LayerNorm.weight": base.tensors["norm.weight"],
        "embeddings.LayerNorm.bias": base.tensors["norm.bias"],
    }
    for layer in range(base.layers):
        for name, path in TRANSFORMERS_NAMES.items():
            matrix, bias = base.tensors[f"{layer}.{name}.weight"], base.tensors[f"{layer}.{name}.bias"]
            state[f"encoder.layer.{layer}.{path}.weight"] = matrix if name in NORMS else matrix.T
            state[f"encoder.layer.{layer}.{path}.bias"] = bias
    tensors = {name: torch.tensor(np.ascontiguousarray(array)) for name, array in state.items()}
    missing, unexpected = bert.load_state_dict(tensors, strict=False)
    assert not unexpected, unexpected
    assert not [name for name in missing if name.endswith(("weight", "bias"))], missing
    return bert


def _through(layers: nn.ModuleList, states: Tensor, mask: Tensor) -> Tensor:
    unseen = (1 - mask[:, None, None, :]) * torch.finfo(states.dtype).min
    for layer in layers:
        found = layer(states, attention_mask=unseen)
        states = found[0] if isinstance(found, tuple) else found
    return states


def _padded(states: Sequence[Tensor], device: torch.device) -> tuple[Tensor, Tensor]:
    longest = max(len(state) for state in states)
    padded = nn.utils.rnn.pad_sequence(list(states), batch_first=True)
    lengths = torch.tensor([len(state) for state in states])
    mask = (torch.arange(longest)[None, :] < lengths[:, None]).float()
    return padded.to(device), mask.to(device)


def _batches(lengths: Sequence[int], size: int, shuffled: random.Random) -> Iterator[list[int]]:
    """All rows once, in random order, texts of like length together."""
    rows = list(range(len(lengths)))
    shuffled.shuffle(rows)
    batches: list[list[int]] = []
    for start in range(0, len(rows), size * _SORTED_AT_ONCE):
        some = sorted(rows[start : start + size * _SORTED_AT_ONCE], key=lambda row: lengths[row])
        batches += [some[place : place + size] for place in range(0, len(some), size)]
    shuffled.shuffle(batches)
    yield from batches
