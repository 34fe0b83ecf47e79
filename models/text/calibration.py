"""From window scores to one calibrated probability of a call: three plain numbers, kept as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

Logits = NDArray[np.float64]
TOP = 2
"""Windows in the top mean: one window alone may be a slip, a real demand fills two overlapping ones."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Platt scaling over two summaries of a call's window logits."""

    top: float = 0.5
    mean: float = 0.5
    bias: float = 0.0

    def probability(self, logits: Logits) -> float:
        """Return the calibrated probability of a call from its window logits, at least one."""
        high, average = summary(logits)
        return squash(self.top * high + self.mean * average + self.bias)

    def as_dict(self) -> dict[str, float]:
        """Return the three numbers for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, float]) -> Calibration:
        """Read what ``as_dict`` gave."""
        return cls(float(values["top"]), float(values["mean"]), float(values["bias"]))


def summary(logits: Logits) -> tuple[float, float]:
    """Return (mean of the ``TOP`` highest, mean of all) window logits."""
    return float(np.mean(np.sort(logits)[-TOP:])), float(np.mean(logits))


def squash(value: float) -> float:
    """Return the logistic of ``value``, never quite 0 or 1."""
    return float(1.0 / (1.0 + np.exp(-np.clip(value, -30.0, 30.0))))


def fit(logits: Sequence[Logits], labels: NDArray[np.int64], weight: NDArray[np.float64]) -> Calibration:
    """Fit the three numbers on held-out calls; the two slopes never become negative.

    Args:
        logits: window logits of each call.
        labels: 0 or 1 of each call, shape (n,).
        weight: weight of each call, shape (n,).
    """
    from sklearn.linear_model import LogisticRegression

    pairs = np.array([summary(values) for values in logits])
    for columns in ((0, 1), (0,), (1,)):
        model = LogisticRegression(C=10.0).fit(pairs[:, list(columns)], labels, sample_weight=weight)
        slopes = np.zeros(2)
        slopes[list(columns)] = model.coef_[0]
        if (slopes >= 0).all():
            return Calibration(float(slopes[0]), float(slopes[1]), float(model.intercept_[0]))
    return Calibration()
