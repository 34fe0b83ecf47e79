"""One number from one or two score arrays, shape (n,), n >= 1.

The first six look at scores of genuine (negative) calls only, as anomaly detection does; the last two need both
classes. A call is flagged when its score is at or above the threshold.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]
_ROUNDING = 1e-9
"""0.29 of 100 calls are 29, although 0.29 * 100 is a little less."""


def mean_6_std(negative: Scores) -> float:
    """Mean of the negatives plus six standard deviations."""
    return float(np.mean(negative) + 6.0 * np.std(negative))


def minimum(negative: Scores) -> float:
    """Smallest negative score."""
    return float(np.min(negative))


def maximum(negative: Scores) -> float:
    """Largest negative score."""
    return float(np.max(negative))


def moving_average_residual(negative: Scores, window: int = 10) -> float:
    """Mean plus the largest absolute residual from a centred moving average, scores in the order of time.

    At both ends the average is of the scores that are there.
    """
    ones = np.ones(min(window, len(negative)))
    smooth = np.convolve(negative, ones, mode="same") / np.convolve(np.ones(len(negative)), ones, mode="same")
    return float(np.mean(negative) + np.max(np.abs(negative - smooth)))


def percentile_95(negative: Scores) -> float:
    """95th percentile of the negatives, interpolated linearly."""
    return float(np.percentile(negative, 95.0))


def target_fpr(negative: Scores, fpr: float = 0.02) -> float:
    """Smallest threshold whose share of negatives at or above it is at most ``fpr``, 0..1."""
    ordered = np.sort(negative)[::-1]
    allowed = int(fpr * len(ordered) + _ROUNDING)
    if allowed >= len(ordered):
        return float(ordered[-1])
    return float(np.nextafter(ordered[allowed], np.inf))


def max_f1(negative: Scores, positive: Scores) -> float:
    """Threshold with the highest F1; the highest one among ties."""
    candidates = np.unique(np.concatenate([negative, positive]))[::-1]
    true = len(positive) - np.searchsorted(np.sort(positive), candidates, side="left")
    false = len(negative) - np.searchsorted(np.sort(negative), candidates, side="left")
    return float(candidates[np.argmax(2 * true / (true + false + len(positive)))])


def equal_error(negative: Scores, positive: Scores) -> tuple[float, float]:
    """Return (threshold, EER): where the miss rate and the false-alarm rate are closest."""
    candidates = np.unique(np.concatenate([negative, positive]))
    miss = np.searchsorted(np.sort(positive), candidates, side="left") / len(positive)
    alarm = 1.0 - np.searchsorted(np.sort(negative), candidates, side="left") / len(negative)
    best = int(np.argmin(np.abs(miss - alarm)))
    return float(candidates[best]), float((miss[best] + alarm[best]) / 2)


NEGATIVE_METHODS: dict[str, Callable[[Scores], float]] = {
    "mean_6_std": mean_6_std,
    "min": minimum,
    "max": maximum,
    "moving_average": moving_average_residual,
    "percentile_95": percentile_95,
}
"""Those without a parameter."""
