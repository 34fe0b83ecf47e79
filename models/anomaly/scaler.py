"""Zero mean and unit spread, as the training rows had them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.anomaly.detector import Rows

FILE = "scaler.npz"
_CONSTANT = 1e-7
"""Relative spread below which a column is constant: rounding, not movement."""


@dataclass(frozen=True, slots=True)
class Scaler:
    """Mean and spread of each column, shape (d,); the spread of a constant column is 1."""

    mean: NDArray[np.float64]
    spread: NDArray[np.float64]

    @classmethod
    def fit(cls, rows: Rows) -> Self:
        """Return the scaler of the training rows, shape (n, d)."""
        mean, spread = rows.mean(axis=0, dtype=np.float64), rows.std(axis=0, dtype=np.float64)
        constant = spread <= _CONSTANT * np.maximum(1.0, np.abs(mean))
        return cls(mean, np.where(constant, 1.0, spread))

    def apply(self, rows: Rows) -> Rows:
        """Return scaled rows, shape (n, d)."""
        return np.asarray((rows - self.mean) / self.spread, np.float32)

    def save(self, folder: Path) -> None:
        """Write the file."""
        np.savez(folder / FILE, mean=self.mean, spread=self.spread)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what ``save`` wrote."""
        with np.load(folder / FILE, allow_pickle=False) as stored:
            return cls(stored["mean"], stored["spread"])
