"""Learns from whole conversations when their course calls for a person. Needs scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression

from policies.scripts import Hear, Script
from policies.trajectory import SIGNALS, Trajectory, signals

_STRENGTH = 1.0  # of the fit against plain weights; by cross-validation over conversations, from 0.3 on all are alike


def learn_trajectory(scripts: Sequence[Script], hear: Hear) -> Trajectory:
    """A person is called at the last message of a script that names one, and at no other message."""
    rows, called = [], []
    for script in scripts:
        courses = script.courses(hear)
        rows += [[seen[name] for name in SIGNALS] for seen in map(signals, courses)]
        called += [script.calls_at(place) for place in range(len(courses))]
    model = LogisticRegression(C=_STRENGTH, max_iter=2000).fit(np.array(rows), np.array(called))
    return Trajectory(
        weights=dict(zip(SIGNALS, map(float, model.coef_[0]), strict=True)), start=float(model.intercept_[0])
    )
