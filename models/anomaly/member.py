"""A one-class detector as a member of the voice model: any genuine window vectors teach it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from models.anomaly.detector import Scores, checked
from models.anomaly.one_class import OneClass
from models.anomaly.split import split

FILE = "usual.npz"
_SMALLEST = 1e-6
"""Residuals below it are alike; their logarithm would be minus infinity."""


@dataclass(frozen=True, slots=True)
class OneClassMember:
    """Scores windows in standard deviations from what is usual, so that members of any kind can be weighed together.

    ``mean`` and ``spread`` are those of the logarithm of residuals of genuine windows that were not learned.
    """

    model: OneClass
    mean: float
    spread: float

    @classmethod
    def fit(cls, name: str, vectors: ArrayLike, *, groups: Sequence[object] | None = None, seed: int = 0) -> Self:
        """Learn genuine window vectors, shape (n, d).

        ``groups`` (n) names the speaker of each window; four fifths of the speakers (of the windows without groups) are
        learned, the others tell what is usual.
        """
        rows = checked(vectors)
        parts = split(len(rows), groups=groups)
        model = OneClass.fit(name, rows[parts.train], seed=seed)
        logs = _log(model.score(rows[parts.test]))
        return cls(model, float(logs.mean()), max(float(logs.std()), _SMALLEST))

    def score(self, vectors: ArrayLike) -> Scores:
        """Return how strange each window is, shape (n,): about 0 ± 1 for genuine speech, higher is stranger."""
        return (_log(self.model.score(vectors)) - self.mean) / self.spread

    def save(self, folder: Path) -> None:
        """Write everything into an existing folder."""
        self.model.save(folder)
        np.savez(folder / FILE, mean=self.mean, spread=self.spread)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what ``save`` wrote."""
        with np.load(folder / FILE, allow_pickle=False) as stored:
            return cls(OneClass.load(folder), float(stored["mean"]), float(stored["spread"]))


def _log(residuals: Scores) -> Scores:
    return np.log(np.maximum(residuals, _SMALLEST))
