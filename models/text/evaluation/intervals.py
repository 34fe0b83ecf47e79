"""Bootstrap intervals by call: texts of one call are drawn together or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.text.evaluation.metrics import Floats, Labels

DRAWS = 1000
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and the bounds of its 95 % interval; all NaN when there is nothing to tell."""

    value: float
    low: float
    high: float


def weights(groups: Sequence[str], labels: Labels, *, draws: int | None = None, seed: int = 0) -> NDArray[np.float64]:
    """Return how often each text is drawn, shape (1 + draws, n); the first row is the sample itself, all ones.

    Groups are drawn with replacement, within each label, so that no draw is without scam or without normal calls.

    Args:
        groups: the call each text belongs to; a group has one label.
        labels: 0 or 1 of each text, shape (n,).
        draws: bootstrap draws; ``DRAWS`` when not given.
        seed: of the draws.
    """
    rng = np.random.default_rng(seed)
    draws = DRAWS if draws is None else draws
    out = np.ones((1 + draws, len(groups)))
    names = np.asarray(groups)
    for label in np.unique(labels):
        here = np.flatnonzero(labels == label)
        unique, member = np.unique(names[here], return_inverse=True)
        counts = rng.multinomial(len(unique), np.full(len(unique), 1.0 / len(unique)), size=draws)
        out[1:, here] = counts[:, member]
    return out


def estimate(figures: Floats) -> Estimate:
    """Return the figure of the first row with the percentile interval of the others, shape (1 + draws,)."""
    drawn = figures[1:][~np.isnan(figures[1:])]
    if np.isnan(figures[0]) or not len(drawn):
        return Estimate(float(figures[0]), float("nan"), float("nan"))
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(float(figures[0]), float(low), float(high))


def median_interval(values: Floats, weight: Floats) -> Estimate:
    """Return the weighted median of ``values`` (n,), which may be infinite, for every row of ``weight``."""
    order = np.argsort(values)
    mass = np.cumsum(weight[:, order], axis=1)
    place = (mass < mass[:, -1:] / 2).sum(axis=1)
    figures = values[order][place]
    low, high = (np.quantile(figures[1:], (1 + sign * LEVEL) / 2, method="nearest") for sign in (-1, 1))
    return Estimate(float(figures[0]), float(low), float(high))
