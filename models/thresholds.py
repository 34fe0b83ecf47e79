"""Grade borders from held-out scores: pure functions, no state.

The first five look at scores of genuine (negative) calls only, as anomaly detection does;
the last three need both classes. Scores and thresholds are probabilities, 0..1.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]


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
    """Mean plus the largest absolute residual from a centred moving average."""
    size = min(window, len(negative))
    smooth = np.convolve(negative, np.ones(size) / size, mode="same")
    return float(np.mean(negative) + np.max(np.abs(negative - smooth)))


def percentile_95(negative: Scores) -> float:
    """95th percentile of the negatives."""
    return float(np.percentile(negative, 95.0))


def target_fpr(negative: Scores, fpr: float = 0.02) -> float:
    """Smallest threshold whose share of negatives at or above it is at most ``fpr``."""
    ordered = np.sort(negative)[::-1]
    allowed = int(np.floor(fpr * len(ordered)))
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


def all_methods(negative: Scores, positive: Scores, *, danger_fpr: float = 0.01) -> dict[str, dict[str, float]]:
    """Return {method: {"caution": t1, "danger": t2}} with t1 <= t2, clipped to 0..1.

    A method gives one number; the other border is the threshold at ``danger_fpr`` (danger) or, when
    that lies below it, the method's own.
    """
    strict = target_fpr(negative, danger_fpr)
    single = {name: method(negative) for name, method in NEGATIVE_METHODS.items()}
    single["target_fpr"] = target_fpr(negative, 0.03)
    single["max_f1"] = max_f1(negative, positive)
    single["eer"] = equal_error(negative, positive)[0]
    return {
        name: {
            "caution": float(np.clip(value, 0.0, 1.0)),
            "danger": float(np.clip(max(value, strict), 0.0, 1.0)),
        }
        for name, value in single.items()
    }
