"""Which rows are learned and which are held out: by days, by groups, or the first four fifths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TRAIN_SHARE = 0.8
Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Split:
    """Row numbers, each in the order of the table."""

    train: Indices
    test: Indices


def split(
    n: int,
    *,
    dates: NDArray[np.datetime64] | None = None,
    groups: Sequence[object] | None = None,
    train_days: int | None = None,
) -> Split:
    """Return the split of ``n`` rows that are in the order of time.

    With ``dates`` (n) the first ``train_days`` days that have rows are learned (None: four fifths of them); without,
    whole ``groups`` (n) in the order of their first row until four fifths of all rows are reached; without either,
    the first four fifths.

    Raises:
        ValueError: when one side would be empty.
    """
    if dates is not None:
        days = np.unique(dates.astype("datetime64[D]"))
        learned_days = days[: int(TRAIN_SHARE * len(days)) if train_days is None else train_days]
        learned = np.isin(dates.astype("datetime64[D]"), learned_days)
    elif groups is not None:
        learned = _first_groups(groups)
    else:
        learned = np.arange(n) < int(TRAIN_SHARE * n)
    if learned.all() or not learned.any():
        raise ValueError("rows of more days, or more groups, are needed: one side of the split is empty")
    return Split(np.flatnonzero(learned), np.flatnonzero(~learned))


def _first_groups(groups: Sequence[object]) -> NDArray[np.bool_]:
    number = {group: i for i, group in enumerate(dict.fromkeys(groups))}
    of_row = np.array([number[group] for group in groups])
    up_to = np.cumsum(np.bincount(of_row))
    enough = int(np.searchsorted(up_to, TRAIN_SHARE * len(of_row) - 1e-9))
    return of_row <= min(enough, len(number) - 2)  # the last group is always held out
