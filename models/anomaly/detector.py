"""What a one-class detector is. Its rows are already scaled: about zero mean and unit spread in every column."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

Rows = NDArray[np.float32]
"""Shape (n, d), finite."""
Scores = NDArray[np.float64]
"""Shape (n,), 0 and above: the residual of each row, in standard deviations of a column; higher is stranger."""
MIN_ROWS = 20
"""Fewer training rows say nothing about what is usual."""


class Detector(Protocol):
    """A fitted detector; scoring changes nothing and may be done from any thread."""

    def score(self, rows: Rows) -> Scores:
        """Return the residual of each row."""
        ...

    def save(self, folder: Path) -> None:
        """Write the artefacts into an existing folder."""
        ...


def rms(residuals: NDArray[np.floating]) -> Scores:
    """Return the root mean square over columns of residuals (n, d), shape (n,)."""
    return np.asarray(np.sqrt(np.mean(np.square(residuals, dtype=np.float64), axis=1)))


def checked(vectors: ArrayLike, *, columns: int | None = None) -> Rows:
    """Return vectors as float32, shape (n, d).

    Raises:
        ValueError: when they are not two-dimensional, not finite, or have not ``columns`` columns.
    """
    rows = np.asarray(vectors, np.float32)
    if rows.ndim != 2 or not rows.shape[1] or not np.isfinite(rows).all():
        raise ValueError("rows must be a table of finite numbers")
    if columns is not None and rows.shape[1] != columns:
        raise ValueError(f"rows have {rows.shape[1]} columns, the detector was fitted on {columns}")
    return rows
