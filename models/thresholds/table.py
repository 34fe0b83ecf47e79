"""The borders of every method, what they would have done, and their CSV file."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from models.thresholds.methods import NEGATIVE_METHODS, Scores, equal_error, max_f1, target_fpr

CAUTION_FPR = 0.03
DANGER_FPR = 0.01
Table = dict[str, dict[str, float]]


def all_methods(
    negative: ArrayLike,
    positive: ArrayLike | None = None,
    *,
    caution_fpr: float = CAUTION_FPR,
    danger_fpr: float = DANGER_FPR,
    limits: tuple[float, float] | None = (0.0, 1.0),
) -> Table:
    """Return {method: {"caution": t1, "danger": t2}} with t1 <= t2, clipped to ``limits`` (None: not at all).

    A method gives one number; the other border is the threshold at ``danger_fpr`` (danger) or, when
    that lies below it, the method's own. Without positives the methods that need them are left out.

    Raises:
        ValueError: when an array is empty, not one-dimensional, or holds anything but finite numbers.
    """
    strict = target_fpr(checked(negative), danger_fpr)
    low, high = limits or (-np.inf, np.inf)
    return {
        name: {
            "caution": float(np.clip(value, low, high)),
            "danger": float(np.clip(max(value, strict), low, high)),
        }
        for name, value in single_values(negative, positive, fpr=caution_fpr).items()
    }


def single_values(negative: ArrayLike, positive: ArrayLike | None = None, *, fpr: float) -> dict[str, float]:
    """Return {method: threshold} as each method gives it; raises as ``all_methods``."""
    genuine = checked(negative)
    values = {name: method(genuine) for name, method in NEGATIVE_METHODS.items()}
    values["target_fpr"] = target_fpr(genuine, fpr)
    if positive is not None:
        scam = checked(positive)
        values["max_f1"] = max_f1(genuine, scam)
        values["eer"] = equal_error(genuine, scam)[0]
    return values


def rates(table: Mapping[str, Mapping[str, float]], negative: ArrayLike, positive: ArrayLike | None = None) -> Table:
    """Return ``table`` with the share of each class at or above each border: ``fpr_caution``, ``recall_danger``."""
    classes = {"fpr": checked(negative)} | ({} if positive is None else {"recall": checked(positive)})
    return {
        method: {
            **borders,
            **{
                f"{rate}_{grade}": float(np.mean(scores >= borders[grade]))
                for rate, scores in classes.items()
                for grade in ("caution", "danger")
            },
        }
        for method, borders in table.items()
    }


def write_csv(path: Path, table: Mapping[str, Mapping[str, float]]) -> None:
    """Write one line a method; the byte order mark tells spreadsheet programs that it is UTF-8."""
    columns = list(next(iter(table.values()), {"caution": 0.0, "danger": 0.0}))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["method", *columns])
        writer.writerows([method, *(row[name] for name in columns)] for method, row in table.items())


def checked(scores: ArrayLike) -> Scores:
    """Return scores as float64, shape (n,), n >= 1, or raise ``ValueError``."""
    array = np.asarray(scores, np.float64)
    if array.ndim != 1 or not len(array) or not np.isfinite(array).all():
        raise ValueError("scores must be a list of finite numbers, at least one")
    return array
