"""Has the distribution of scores moved? The population stability index (PSI)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

EDGES = (0.01, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.99)
"""Borders of the bins; finer near certainty, where calibrated scores crowd."""
MOVED, MOVED_FAR = 0.1, 0.25
"""The usual reading of PSI: below 0.1 stable, up to 0.25 moved, above that moved far."""


def histogram(scores: ArrayLike) -> list[int]:
    """Return how many scores (0..1) fall in each bin, 12 numbers."""
    places = np.searchsorted(EDGES, np.asarray(scores, np.float64), side="right")
    return [int(count) for count in np.bincount(places, minlength=len(EDGES) + 1)]


def psi(expected: Sequence[int], actual: Sequence[int]) -> float:
    """Return the population stability index of two histograms; half a call is added to every bin."""
    before = (np.asarray(expected, np.float64) + 0.5) / (sum(expected) + 0.5 * len(expected))
    now = (np.asarray(actual, np.float64) + 0.5) / (sum(actual) + 0.5 * len(actual))
    return float(np.sum((now - before) * np.log(now / before)))


def verdict(index: float) -> str:
    """Return ``stable``, ``moved`` or ``moved far``."""
    return "stable" if index < MOVED else "moved" if index < MOVED_FAR else "moved far"
