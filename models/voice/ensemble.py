"""How much each member of the ensemble has to say: pure functions of its errors on held-out speech.

DE is the share of deep (altered) voices taken for real, RE the share of real voices taken for deep.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Weights = NDArray[np.float64]


def error_rates(scores: ArrayLike, altered: ArrayLike, threshold: float = 0.5) -> tuple[float, float]:
    """Return (DE, RE) of scores (n,) at a threshold; a score at or above it calls a voice altered.

    Raises:
        ValueError: when one of the classes is missing.
    """
    flagged, deep = np.asarray(scores) >= threshold, np.asarray(altered, bool)
    if deep.all() or not deep.any():
        raise ValueError("error rates need genuine and altered voices")
    return float(np.mean(~flagged[deep])), float(np.mean(flagged[~deep]))


def error_weights(de: Sequence[float], re: Sequence[float]) -> Weights:
    """Return the weights of members with these DE and RE, sum one.

    Two members: alpha_DE = 1 - DE_A / (DE_A + DE_B), alpha_RE likewise, weight = alpha_DE + alpha_RE. For N members
    the sum runs over all and alpha is divided by N - 1, so that the alphas of one kind sum to one, as they do for two.
    When nobody makes errors of a kind, its alphas are equal.

    Raises:
        ValueError: when there is no member, or the lengths differ.
    """
    if not de or len(de) != len(re):
        raise ValueError("every member needs a DE and an RE")
    weights = _alpha(np.asarray(de, np.float64)) + _alpha(np.asarray(re, np.float64))
    return np.asarray(weights / weights.sum())


def accuracy_weights(de: Sequence[float], re: Sequence[float]) -> Weights:
    """Return weights proportional to balanced accuracy, 1 - (DE + RE) / 2; sum one.

    Raises:
        ValueError: when no member is ever right.
    """
    accuracy = 1.0 - (np.asarray(de, np.float64) + np.asarray(re, np.float64)) / 2.0
    if not accuracy.sum() > 0.0:
        raise ValueError("no member is ever right")
    return np.asarray(accuracy / accuracy.sum())


def best_single(de: Sequence[float], re: Sequence[float]) -> Weights:
    """Return weight one for the member with the fewest errors, DE + RE; the first among equals."""
    weights = np.zeros(len(de))
    weights[int(np.argmin(np.asarray(de) + np.asarray(re)))] = 1.0
    return weights


METHODS = {"error_rates": error_weights, "accuracy": accuracy_weights, "best_single": best_single}


def combined(logits: ArrayLike, weights: ArrayLike) -> NDArray[np.float64]:
    """Return the weighted mean (n,) of members' calibrated logits (members, n)."""
    return np.asarray(np.asarray(weights, np.float64) @ np.asarray(logits, np.float64))


def _alpha(errors: Weights) -> Weights:
    total = errors.sum()
    if len(errors) == 1 or total == 0.0:
        return np.full(len(errors), 1.0 / len(errors))
    return np.asarray((1.0 - errors / total) / (len(errors) - 1))
