"""How good probabilities are."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import brier_score_loss, roc_auc_score

from risk.curves import Floats


def accuracy(lost: Floats, probabilities: Floats) -> dict[str, float | None]:
    """AUC (None when all ended alike), Brier score and expected calibration error over ten bins of equal size."""
    auc = None if lost.min() == lost.max() else round(float(roc_auc_score(lost, probabilities)), 4)
    bins = np.array_split(np.argsort(probabilities, kind="stable"), 10)
    gaps = [abs(lost[each].mean() - probabilities[each].mean()) * len(each) for each in bins if len(each)]
    return {
        "auc": auc,
        "brier": round(float(brier_score_loss(lost, probabilities)), 4),
        "ece": round(float(sum(gaps)) / len(lost), 4),
    }
