"""From the logits of messages nobody learnt from to probabilities that can be believed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from language.model import Calibration, Floats, Scale, logit, softmax
from language.train_heads import EMOTIONS, REASONS, Bools, Ints, Labels

_PRIOR_ROWS = 0.2  # of weight for "half", so that no share is exactly 0 or 1


@dataclass(frozen=True, kw_only=True)
class Logits:
    """Outputs of the heads for utterances they were not fitted on, cut by head."""

    intents: Floats
    flags: Floats
    emotions: Floats
    intensity: Floats

    def of(self, rows: Ints) -> Logits:
        return Logits(
            intents=self.intents[rows],
            flags=self.flags[rows],
            emotions=self.emotions[rows],
            intensity=self.intensity[rows],
        )


def cut(outputs: Floats, intents: int) -> Logits:
    flags = intents + len(REASONS) + 1
    emotions = flags + len(EMOTIONS)
    return Logits(
        intents=outputs[:, :intents],
        flags=outputs[:, intents:flags],
        emotions=outputs[:, flags:emotions],
        intensity=outputs[:, emotions],
    )


def calibrate(logits: Logits, labels: Labels) -> Calibration:
    intents = _fit_scale(logits.intents, labels.intents)
    emotions = _fit_scale(logits.emotions, labels.emotions)
    scaled = intents.shares(logits.intents)
    shares = _flag_by_intent(labels)
    implied = logit(scaled @ shares)
    return Calibration(
        intent_scale=intents,
        intent_top=_fit_top(scaled, labels.intents),
        emotion_scale=emotions,
        emotion_lean=_fit_lean(emotions.shares(logits.emotions), labels.emotions),
        flag_by_intent=shares,
        flag_line=np.stack(
            [
                _line(logits.flags[:, place], implied[:, place], labels.flags[:, place])
                for place in range(labels.flags.shape[1])
            ]
        ),
    )


def choose_threshold(flags: Floats, labels: Labels) -> float:
    """From which probability on naming a reason gives the best F1 over all reasons: one for all, as probabilities that can
    be believed want it; one for each is chosen by chance where there are few examples."""
    reasons = slice(0, len(REASONS))
    return _best_threshold(flags[:, reasons].ravel(), labels.flags[:, reasons].ravel())


def _fit_scale(logits: Floats, truth: Ints) -> Scale:
    """Of the least log loss."""
    rows = np.arange(len(truth))

    def loss(parameters: Floats) -> tuple[float, Floats]:
        cooled = logits / np.exp(parameters[0])
        shares = softmax(cooled + parameters[1:])
        log_loss = float(-np.log(shares[rows, truth] + 1e-12).mean())
        shares[rows, truth] -= 1
        slope = np.append(-(shares * cooled).sum(), shares.sum(axis=0)) / len(truth)
        return log_loss, slope

    found = minimize(loss, np.zeros(1 + logits.shape[1]), jac=True, method="L-BFGS-B")
    return Scale(temperature=float(np.exp(found.x[0])), bias=found.x[1:])


def _fit_top(shares: Floats, truth: Ints) -> tuple[float, float]:
    """Slope and start, on the logit scale, from the likeliest intent's share to how often it is right."""
    right = shares.argmax(axis=1) == truth
    model = LogisticRegression(C=100).fit(logit(shares.max(axis=1))[:, np.newaxis], right)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def _fit_lean(shares: Floats, truth: Ints) -> Floats:
    """Towards rare emotions, as far as it makes the mean of the emotions' F1 better: most messages are neutral, and the
    likeliest emotion nearly always."""
    prior = np.log(np.bincount(truth, minlength=shares.shape[1]) / len(truth) + 1e-3)
    leans = [-step * prior for step in np.linspace(0, 1, 21)]
    scores = [f1_score(truth, (np.log(shares) + lean).argmax(axis=1), average="macro") for lean in leans]
    lean: Floats = leans[int(np.argmax(scores))]
    return lean


def _flag_by_intent(labels: Labels) -> Floats:
    member = np.eye(len(labels.names))[labels.intents]
    shares: Floats = (member.T @ labels.flags + _PRIOR_ROWS / 2) / (member.sum(axis=0)[:, np.newaxis] + _PRIOR_ROWS)
    return shares


def _line(margins: Floats, implied: Floats, flag: Bools) -> Floats:
    model = LogisticRegression(C=100, max_iter=1000).fit(np.stack([margins, implied], axis=1), flag)
    return np.append(model.coef_[0], model.intercept_)


def _best_threshold(probabilities: Floats, flag: Bools) -> float:
    order = np.argsort(-probabilities, kind="stable")
    hits = np.cumsum(flag[order])
    f1 = 2 * hits / (np.arange(1, len(flag) + 1) + flag.sum())
    best = int(f1.argmax())
    beyond = probabilities[order[best + 1]] if best + 1 < len(order) else 0.0
    return float((probabilities[order[best]] + beyond) / 2)
