"""Calibration and grade borders of a challenger, from calls that neither model has seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.types import Thresholds
from models.text.calibration import Calibration, summary
from models.text.judge import CAUTION_FPR, DANGER_FPR, METHOD
from models.thresholds import all_methods

Logits = NDArray[np.float64]
ENOUGH = 30
"""Calls of each label without which the champion's calibration and borders are kept as they are."""
MANY = 200
"""Normal calls without which the champion's borders are kept: two wrong labels among fewer would move them far."""
PULL = 10.0
"""Calls that the champion's calibration is worth."""


def enough(labels: NDArray[np.int64]) -> bool:
    """Tell whether these calls suffice to calibrate anew."""
    return min(int((labels == 0).sum()), int((labels == 1).sum())) >= ENOUGH


def refit(champion: Calibration, logits: Sequence[Logits], labels: NDArray[np.int64]) -> Calibration:
    """Return the calibration of these calls, pulled to the champion's; slopes never become negative.

    Args:
        champion: of the version that the challenger started from.
        logits: window logits of each call by the challenger.
        labels: 0 or 1 of each call, both present; both weigh the same.
    """
    tops_and_means = np.array([summary(values) for values in logits])
    start = (champion.top, champion.mean, champion.bias)
    top, mean, bias = _pulled(tops_and_means, labels, start, least_slope=0.0)
    return Calibration(top, mean, bias)


def pulled_line(start: Sequence[float], logits: Logits, labels: NDArray[np.int64]) -> tuple[float, float]:
    """Return slope (positive) and offset of Platt's line through logits (n,), pulled to the old ones.

    Args:
        start: slope and offset of the champion, worth ``PULL`` observations.
        logits: by the challenger.
        labels: 0 or 1 of each, both present; both weigh the same.
    """
    slope, offset = _pulled(logits[:, None], labels, start, least_slope=1e-3)
    return slope, offset


def borders(
    champion: Mapping[str, Mapping[str, float]],
    scores: NDArray[np.float64],
    labels: NDArray[np.int64],
    *,
    caution_fpr: float = CAUTION_FPR,
    danger_fpr: float = DANGER_FPR,
) -> Mapping[str, Mapping[str, float]]:
    """Return the borders of every method: the champion's, raised where held-out calls need higher ones.

    They are never lowered: calls that happen to be easy would move them far down, and the next hard call over them.
    With fewer than ``MANY`` normal calls they stay as they are.
    """
    negative, positive = scores[labels == 0], scores[labels == 1]
    if len(negative) < MANY:
        return champion
    needed = all_methods(negative, positive, caution_fpr=caution_fpr, danger_fpr=danger_fpr)
    return {
        method: {grade: max(border, champion.get(method, row)[grade]) for grade, border in row.items()}
        for method, row in needed.items()
    }


def chosen(champion: Thresholds, table: Mapping[str, Mapping[str, float]]) -> Thresholds:
    """Return the borders of a table by the champion's method; by ``METHOD`` when the table lacks it."""
    method = champion.method if champion.method in table else METHOD
    return Thresholds(method, **table[method])


def _pulled(
    columns: NDArray[np.float64], labels: NDArray[np.int64], start: Sequence[float], *, least_slope: float
) -> list[float]:
    """Return the slopes of columns (n, k) and the offset of a logistic regression pulled to ``start`` (k + 1)."""
    from scipy.optimize import minimize

    rows, old = np.column_stack([columns, np.ones(len(labels))]), np.asarray(start, np.float64)
    sign = np.where(labels == 1, 1.0, -1.0)
    weight = np.where(labels == 1, 0.5 / labels.mean(), 0.5 / (1.0 - labels.mean()))

    def loss(theta: NDArray[np.float64]) -> float:
        misfit = float(weight @ np.logaddexp(0.0, -sign * (rows @ theta)))
        return misfit + 0.5 * PULL * float((theta - old) @ (theta - old))

    bounds = [*((least_slope, None) for _ in start[1:]), (None, None)]
    return [float(value) for value in minimize(loss, old, method="L-BFGS-B", bounds=bounds).x]
