"""How well a model hears, as plain numbers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from sklearn.metrics import average_precision_score, f1_score
from sklearn.model_selection import StratifiedKFold

from language.model import Floats
from language.train_calibration import Logits, calibrate, choose_threshold
from language.train_heads import REASONS, Bools, Ints, Labels

_OUT_OF_SCOPE = "out_of_scope"
_BINS = 15
_FALSE_ALARMS = (0.02, 0.05, 0.10)


def figures_of(logits: Logits, labels: Labels, seed: int) -> dict[str, float]:
    """Of messages nobody learnt from, with a calibration, for each half, that was fitted on the other."""
    halves = StratifiedKFold(2, shuffle=True, random_state=seed).split(labels.intents, labels.intents)
    intents, flags = np.zeros_like(logits.intents), np.zeros_like(logits.flags)
    thresholds, named = np.zeros((len(flags), 1)), np.zeros(len(flags), np.int64)
    for seen, held in halves:
        calibration = calibrate(logits.of(seen), labels.of(seen))
        of_seen = calibration.flags(logits.flags[seen], logits.intents[seen])
        thresholds[held] = choose_threshold(of_seen, labels.of(seen))
        intents[held] = calibration.intents(logits.intents[held])
        flags[held] = calibration.flags(logits.flags[held], logits.intents[held])
        named[held] = calibration.named_emotion(logits.emotions[held])
    return rounded(
        {**intent_figures(intents, labels), **flag_figures(flags, thresholds, labels), **emotion_figures(named, labels)}
    )


def intent_figures(probabilities: Floats, labels: Labels) -> dict[str, float]:
    heard = probabilities.argmax(axis=1)
    out = labels.intents == labels.names.index(_OUT_OF_SCOPE) if _OUT_OF_SCOPE in labels.names else np.array([], bool)
    figures = {
        "intent_accuracy": float((heard == labels.intents).mean()),
        "intent_macro_f1": float(f1_score(labels.intents, heard, average="macro")),
        "intent_top3": float(
            (np.argsort(-probabilities, axis=1)[:, :3] == labels.intents[:, np.newaxis]).any(1).mean()
        ),
        "ece": calibration_error(probabilities.max(axis=1), heard == labels.intents),
    }
    if out.any():
        figures["oos_recall"] = float((heard == labels.intents)[out].mean())
    return figures


def flag_figures(flags: Floats, thresholds: Floats, labels: Labels) -> dict[str, float]:
    """``thresholds`` by row. Escalation is judged at several rates of false alarms."""
    reasons = len(REASONS)
    named, true = flags[:, :reasons] >= thresholds, labels.flags[:, :reasons]
    return {
        "reason_micro_f1": float(2 * (named & true).sum() / max(1, named.sum() + true.sum())),
        **escalation_figures(flags[:, reasons], labels.flags[:, reasons]),
    }


def escalation_figures(probabilities: Floats, escalate: Bools) -> dict[str, float]:
    if not escalate.any() or escalate.all():
        return {}
    figures = {"escalate_average_precision": float(average_precision_score(escalate, probabilities))}
    for rate in _FALSE_ALARMS:
        threshold = float(np.quantile(probabilities[~escalate], 1 - rate))
        figures[f"escalate_threshold_at_{rate:.0%}"] = threshold
        figures[f"escalate_recall_at_{rate:.0%}"] = float((probabilities[escalate] > threshold).mean())
    return figures


def emotion_figures(heard: Ints, labels: Labels) -> dict[str, float]:
    return {"emotion_macro_f1": float(f1_score(labels.emotions, heard, average="macro"))}


def calibration_error(confidence: Floats, right: Bools) -> float:
    """Expected calibration error over equal bins of confidence."""
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    return float(
        sum(
            abs(confidence[bins == place].mean() - right[bins == place].mean()) * (bins == place).mean()
            for place in np.unique(bins)
        )
    )


def rounded(figures: Mapping[str, float]) -> dict[str, float]:
    return {name: round(figure, 4) for name, figure in figures.items()}
