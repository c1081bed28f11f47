"""Learns how each question of the bot turns the meaning of what follows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from language.answers import Answer
from language.context import FLOOR, Context, Turn
from language.errors import DataError
from language.model import Floats, softmax
from language.train_heads import Ints

# Chosen on answers_development.yml: accuracy moves by less than 0.01 between a third and three times of these.
_PULL_MATRIX, _PULL_LEAN = 0.05, 0.003  # towards leaving things as the words alone say


def learn_context(
    answers: Sequence[Answer], intents: Sequence[str], shares_of: Callable[[str], Floats], file: Path
) -> Context:
    """``shares_of``: the intents' shares of a text by its words alone. Raises DataError."""
    by_question: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        if answer.intent not in intents:
            raise DataError(file, f"{answer.asked}.{answer.intent}", "is no intent of nlu_data/intents")
        by_question[answer.asked].append(answer)
    return Context(
        turns={
            asked: _fit(
                np.stack([shares_of(answer.text) for answer in some]),
                np.array([intents.index(answer.intent) for answer in some]),
            )
            for asked, some in by_question.items()
        }
    )


def _fit(shares: Floats, truth: Ints) -> Turn:
    logs, rows, width = np.log(shares + FLOOR), np.arange(len(truth)), shares.shape[1]
    same = np.eye(width)

    def loss(parameters: Floats) -> tuple[float, Floats]:
        matrix, lean = parameters[:-width].reshape(width, width), parameters[-width:]
        turned = softmax(logs @ matrix + lean)
        log_loss = -np.log(turned[rows, truth] + 1e-12).mean()
        turned[rows, truth] -= 1
        change = matrix - same
        pull = (_PULL_MATRIX * (change**2).sum() + _PULL_LEAN * (lean**2).sum()) / 2
        slope = (logs.T @ turned / len(truth) + _PULL_MATRIX * change).ravel()
        return float(log_loss + pull), np.append(slope, turned.mean(axis=0) + _PULL_LEAN * lean)

    found = minimize(
        loss, np.append(same.ravel(), np.zeros(width)), jac=True, method="L-BFGS-B", options={"maxiter": 300}
    )
    return Turn(matrix=found.x[:-width].reshape(width, width), lean=found.x[-width:])
