"""Figures of held-out probabilities, each for many weightings at once: one row of weights gives one figure.

With a row of ones they are what scikit-learn gives; with a row for every bootstrap draw they give an interval.
Arguments: ``weight`` shape (draws, n), 0 or more; ``labels`` (n,) 0 or 1; ``scores`` (n,) probabilities 0..1.
Each returns shape (draws,), NaN where a draw has nothing to tell.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
BINS = 15
"""Bins of the calibration error, of equal mass: equal widths would leave most bins of a good model empty."""
FALSE_ALARMS = 0.05
"""Share of normal calls flagged where "recall at 5 %" is read off: the calls themselves choose the border."""


def rate(weight: Floats, hits: NDArray[np.bool_]) -> Floats:
    """Return the share of hits (recall of scam calls, false-alarm rate of normal ones)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(weight @ hits.astype(np.float64) / weight.sum(axis=1))


def auroc(weight: Floats, labels: Labels, scores: Floats) -> Floats:
    """Return the area under the ROC curve: a scam call above a normal one, ties half."""
    order = np.argsort(scores, kind="stable")
    starts = np.flatnonzero(np.diff(scores[order], prepend=-np.inf))
    scam, calm = weight[:, order] * labels[order], weight[:, order] * (1 - labels[order])
    scam, calm = np.add.reduceat(scam, starts, axis=1), np.add.reduceat(calm, starts, axis=1)
    below = np.cumsum(calm, axis=1) - calm / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((scam * below).sum(axis=1) / (scam.sum(axis=1) * calm.sum(axis=1)))


def recall_at(weight: Floats, labels: Labels, scores: Floats, *, false_alarms: float = FALSE_ALARMS) -> Floats:
    """Return the recall above the border that this share of the normal calls passes."""
    scam = labels == 1
    order = np.flatnonzero(~scam)[np.argsort(-scores[~scam], kind="stable")]
    out = []
    for row in weight:
        above = np.cumsum(row[order])
        first = int(np.searchsorted(above, false_alarms * above[-1], side="right"))
        border = scores[order[min(first, len(order) - 1)]]
        out.append(float(row[scam & (scores > border)].sum() / row[scam].sum()))
    return np.array(out)


def brier(weight: Floats, labels: Labels, scores: Floats) -> Floats:
    """Return the mean squared distance of probability and label."""
    return np.asarray(weight @ (scores - labels) ** 2 / weight.sum(axis=1))


def calibration_error(weight: Floats, labels: Labels, scores: Floats, *, bins: int = BINS) -> Floats:
    """Return the expected calibration error: mean over bins of |mean probability - share of scams|, by mass.

    The bins are those of the first row of weights, equal in mass; equal scores stay in one bin.
    """
    place = equal_mass_bins(weight[0], scores, bins=bins)
    gap = np.zeros((len(scores), bins))
    gap[np.arange(len(scores)), place] = scores - labels
    return np.asarray(np.abs(weight @ gap).sum(axis=1) / weight.sum(axis=1))


def equal_mass_bins(weight: Floats, scores: Floats, *, bins: int = BINS) -> NDArray[np.int64]:
    """Return the bin (0..bins-1) of each score, shape (n,)."""
    order = np.argsort(scores, kind="stable")
    before = (np.cumsum(weight[order]) - weight[order]) / weight.sum()
    first = np.searchsorted(scores[order], scores, side="left")
    return np.asarray(np.minimum(before[first] * bins + 1e-9, bins - 1), np.int64)


def both_labels_equal(weight: Floats, labels: Labels) -> Floats:
    """Return the weights with half of the mass on each label.

    The probabilities assume that both are equally likely; so must whoever checks their calibration.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        scam = weight * labels / (weight @ labels)[:, None]
        calm = weight * (1 - labels) / (weight @ (1 - labels))[:, None]
    return np.asarray(scam + calm) / 2


def confusion(labels: Labels, called: Labels) -> tuple[NDArray[np.int64], dict[str, float]]:
    """Return the confusion matrix (rows: truth) and accuracy, macro precision, recall and F1 of 0/1 decisions."""
    from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

    macro = precision_recall_fscore_support(labels, called, labels=[0, 1], average="macro", zero_division=0.0)
    figures: Mapping[str, float] = dict(zip(("precision", "recall", "f1"), macro[:3], strict=True))
    matrix = confusion_matrix(labels, called, labels=[0, 1])
    return matrix, {"accuracy": float(accuracy_score(labels, called))} | {k: float(v) for k, v in figures.items()}
