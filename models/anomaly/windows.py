"""Consecutive rows side by side in one vector, so that a detector sees movement and not only single rows."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence

import numpy as np

from models.anomaly.detector import Rows


def stack(rows: Rows, length: int, *, groups: Sequence[object] | None = None) -> Rows:
    """Return each row behind the ``length - 1`` rows before it in its group, shape (n, length * d).

    The first row of a group stands in for those that are not there. ``groups`` (n) may be mixed with each other.

    Raises:
        ValueError: when ``length`` is below 1.
    """
    if length < 1:
        raise ValueError("a window holds at least one row")
    latest: defaultdict[object, deque[int]] = defaultdict(lambda: deque(maxlen=length))
    picked = np.empty((len(rows), length), np.intp)
    for i in range(len(rows)):
        seen = latest[None if groups is None else groups[i]]
        seen.append(i)
        picked[i] = [seen[0]] * (length - len(seen)) + list(seen)
    return rows[picked].reshape(len(rows), length * rows.shape[1])
