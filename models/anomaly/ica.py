"""ICA reconstruction: what the dominant independent components do not explain of a row is its residual.

With all components the reconstruction would be perfect, and with any rotation of the same subspace it would be that
of PCA. So the components are found in (nearly) the whole space, and only the strongest of them rebuild the row.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.anomaly.detector import Rows, Scores, rms

FILE = "ica.npz"
WHITENED = 0.9999
"""Share of the variance that is looked at; the rest are linearly dependent columns."""
KEPT = 0.9
"""Share of the variance that the dominant components carry."""


@dataclass(frozen=True, slots=True)
class Ica:
    """Dominant components: ``unmixing`` (k, d), ``mixing`` (d, k), and the ``mean`` (d,) of the training rows."""

    unmixing: NDArray[np.float64]
    mixing: NDArray[np.float64]
    mean: NDArray[np.float64]

    def score(self, rows: Rows) -> Scores:
        """Return the root mean square of row minus reconstruction, shape (n,)."""
        centred = rows - self.mean
        return rms(centred - centred @ self.unmixing.T @ self.mixing.T)

    def save(self, folder: Path) -> None:
        """Write the three arrays."""
        np.savez_compressed(folder / FILE, unmixing=self.unmixing, mixing=self.mixing, mean=self.mean)


def fit(rows: Rows, *, seed: int) -> Ica:
    """Find independent components by FastICA and keep the strongest.

    Raises:
        ValueError: when the rows have fewer than two columns that move.
    """
    from sklearn.decomposition import FastICA
    from sklearn.exceptions import ConvergenceWarning

    mean = rows.mean(axis=0, dtype=np.float64)
    _, lengths, axes = np.linalg.svd(rows - mean, full_matrices=False)
    rank = _enough(np.square(lengths), WHITENED)
    if rank < 2:
        raise ValueError("ICA needs at least two columns that are not multiples of each other")
    whitening = axes[:rank] / lengths[:rank, None] * np.sqrt(len(rows))
    ica = FastICA(whiten=False, max_iter=500, tol=1e-3, random_state=seed)  # its own whitening fails on constants
    with warnings.catch_warnings():  # Gaussian directions never settle, and any basis of them does
        warnings.simplefilter("ignore", ConvergenceWarning)
        ica.fit((rows - mean) @ whitening.T)
    unmixing = ica.components_ @ whitening
    mixing = np.linalg.pinv(unmixing)
    strength = np.square(mixing).sum(axis=0)  # sources have unit variance: this is what each one explains
    order = np.argsort(strength)[::-1]
    kept = order[: min(rank - 1, _enough(strength[order], KEPT))]
    return Ica(unmixing[kept], mixing[:, kept], mean)


def load(folder: Path) -> Ica:
    """Read what ``save`` wrote."""
    with np.load(folder / FILE, allow_pickle=False) as stored:
        return Ica(stored["unmixing"], stored["mixing"], stored["mean"])


def _enough(falling: NDArray[np.float64], share: float) -> int:
    """Return how many of the values, from the first, make up ``share`` of their sum."""
    total = float(falling.sum())
    return int(np.searchsorted(np.cumsum(falling), share * total) + 1) if total > 0.0 else 0
