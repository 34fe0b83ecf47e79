"""From the network's logits to calibrated probabilities: plain numbers, plain arithmetic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

_LOGIT_LIMIT = 12.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """Platt's two lines: windows and calls each have a slope and an offset on the logit."""

    window_slope: float
    window_offset: float
    call_slope: float
    call_offset: float

    @classmethod
    def read(cls, numbers: Mapping[str, float]) -> Calibration:
        """Return the calibration stored as JSON."""
        return cls(**{name: float(value) for name, value in numbers.items()})

    def numbers(self) -> dict[str, float]:
        """Return what ``read`` reads."""
        return asdict(self)

    def window_scores(self, logits: ArrayLike) -> NDArray[np.float64]:
        """Return the probability of each window, 0..1, shape as ``logits``."""
        return sigmoid(self.window_slope * np.asarray(logits, np.float64) + self.window_offset)

    def call_score(self, window_scores: Sequence[float]) -> float:
        """Return the probability of a call from its window scores: the mean logit, calibrated for calls."""
        mean = float(np.mean((logit(window_scores) - self.window_offset) / self.window_slope))
        return float(sigmoid(self.call_slope * mean + self.call_offset))


def sigmoid(x: ArrayLike) -> NDArray[np.float64]:
    """Return 1 / (1 + exp(-x)), the logit limited so that nothing is ever quite certain."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(x, -_LOGIT_LIMIT, _LOGIT_LIMIT))), dtype=np.float64)


def logit(p: ArrayLike) -> NDArray[np.float64]:
    """Return the inverse of ``sigmoid``."""
    clipped = np.clip(np.asarray(p, np.float64), 1e-6, 1.0 - 1e-6)
    return np.asarray(np.log(clipped / (1.0 - clipped)), dtype=np.float64)


def platt(logits: NDArray[np.float64], labels: NDArray[np.int64]) -> tuple[float, float]:
    """Return slope (always positive) and offset of a logistic line through held-out logits; classes weigh the same."""
    from sklearn.linear_model import LogisticRegression

    line = LogisticRegression(C=100.0, class_weight="balanced").fit(logits[:, None], labels)
    return max(float(line.coef_[0, 0]), 1e-3), float(line.intercept_[0])
