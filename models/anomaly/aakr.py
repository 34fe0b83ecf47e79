"""Auto-associative kernel regression: a row is compared with the mean of remembered rows, near ones weighing more."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.anomaly.detector import Rows, Scores, rms

FILE = "memory.npz"
MEMORY = 1500
"""Rows remembered at most; a score costs as many distances."""
HELD = 1000
"""Rows outside the memory, at most, by which the bandwidth is chosen."""
_BATCH = 512
_FACTORS = np.geomspace(0.25, 4.0, 9)


@dataclass(frozen=True, slots=True)
class Aakr:
    """Memory matrix, shape (m, d), and the standard deviation of the Gaussian kernel."""

    memory: Rows
    bandwidth: float

    def score(self, rows: Rows) -> Scores:
        """Return the root mean square of row minus estimate, shape (n,)."""
        return rms(rows - self.estimate(rows))

    def estimate(self, rows: Rows) -> Rows:
        """Return what the memory would expect in place of each row, shape (n, d)."""
        parts = [self._batch(rows[i : i + _BATCH]) for i in range(0, len(rows), _BATCH)]
        return np.concatenate(parts) if parts else np.zeros_like(rows)

    def _batch(self, rows: Rows) -> Rows:
        squared = _squared_distances(rows, self.memory)
        squared -= squared.min(axis=1, keepdims=True)  # far from everything, all weights would be 0
        weights = np.exp(-squared / (2.0 * self.bandwidth**2))
        weights /= weights.sum(axis=1, keepdims=True)
        return np.asarray(weights @ self.memory, np.float32)

    def save(self, folder: Path) -> None:
        """Write memory and bandwidth."""
        np.savez_compressed(folder / FILE, memory=self.memory, bandwidth=self.bandwidth)


def fit(rows: Rows, *, seed: int) -> Aakr:
    """Remember rows spread evenly over all norms (vector ordering); the others choose the bandwidth."""
    size = min(MEMORY, int(0.8 * len(rows)))
    order = np.argsort(np.linalg.norm(rows, axis=1), kind="stable")
    chosen = np.zeros(len(rows), bool)
    chosen[order[np.linspace(0, len(rows) - 1, size).astype(int)]] = True
    held = rows[~chosen]
    held = held[np.random.default_rng(seed).permutation(len(held))[:HELD]]
    memory = rows[chosen]
    nearest = np.sqrt(_squared_distances(held, memory).min(axis=1))
    widths = max(float(np.median(nearest)), 1e-3) * _FACTORS
    errors = [float(np.median(Aakr(memory, width).score(held))) for width in widths]
    return Aakr(memory, float(widths[int(np.argmin(errors))]))


def load(folder: Path) -> Aakr:
    """Read what ``save`` wrote."""
    with np.load(folder / FILE, allow_pickle=False) as stored:
        return Aakr(stored["memory"], float(stored["bandwidth"]))


def _squared_distances(rows: Rows, memory: Rows) -> Scores:
    """Return squared Euclidean distances, shape (n, m)."""
    a, b = rows.astype(np.float64), memory.astype(np.float64)
    squared = np.square(a).sum(axis=1)[:, None] + np.square(b).sum(axis=1) - 2.0 * a @ b.T
    return np.asarray(np.maximum(squared, 0.0))
