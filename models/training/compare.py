"""Is the challenger worse? A paired bootstrap over the same calls, source by source."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.types import Thresholds

Scores = NDArray[np.float64]
Labels = NDArray[np.int64]
DRAWS = 2000
LEVEL = 0.95
"""One-sided: the lower bound is the 5th percentile of the draws."""
FEWEST = 30
"""A source with fewer calls is shown and decides nothing: one call would outweigh any margin."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Challenger minus champion in mean credit (-1..1), with the bounds of the one-sided 95 % intervals."""

    mean: float
    low: float
    high: float


def credit(scores: Scores, labels: Labels, thresholds: Thresholds) -> Scores:
    """Return what each call earns, shape (n,): half for the right side of caution, half for that of danger."""
    at_caution = (scores >= thresholds.caution) == (labels == 1)
    at_danger = (scores >= thresholds.danger) == (labels == 1)
    earned: Scores = (at_caution.astype(np.float64) + at_danger) / 2
    return earned


def paired_bootstrap(
    champion: Scores, challenger: Scores, labels: Labels, *, draws: int = DRAWS, seed: int = 0
) -> Difference:
    """Compare credits of the same calls; calls are drawn within their label, and both labels count the same.

    Args:
        champion: credit of each call, shape (n,), n >= 1.
        challenger: the same of the challenger.
        labels: 0 or 1 of each call.
        draws: bootstrap draws.
        seed: of the draws.
    """
    rng = np.random.default_rng(seed)
    gained = challenger - champion
    means, drawn = [], np.zeros(draws)
    present = np.unique(labels)
    for label in present:
        own = gained[labels == label]
        # Only how often each value is drawn matters, and there are few values.
        values, counts = np.unique(own, return_counts=True)
        drawn += rng.multinomial(len(own), counts / len(own), size=draws) @ values / len(own) / len(present)
        means.append(own.mean())
    low, high = np.quantile(drawn, [1 - LEVEL, LEVEL])
    return Difference(float(np.mean(means)), float(low), float(high))


def is_worse(difference: Difference, calls: int, margin: float) -> bool:
    """Tell whether it cannot be ruled out that the challenger loses more than ``margin`` on these calls."""
    return calls >= FEWEST and difference.low < -margin
