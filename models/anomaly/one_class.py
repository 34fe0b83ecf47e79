"""A detector together with the scaler of its training rows: raw vectors in, residuals out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from core.errors import ModelRefused
from models.anomaly.detector import MIN_ROWS, Detector, Scores, checked
from models.anomaly.scaler import Scaler
from models.anomaly.zoo import DETECTORS

FILE = "detector.json"


@dataclass(frozen=True, slots=True)
class OneClass:
    """``name`` is a key of ``DETECTORS``."""

    name: str
    scaler: Scaler
    detector: Detector

    @classmethod
    def fit(cls, name: str, vectors: ArrayLike, *, seed: int = 0) -> Self:
        """Learn genuine vectors, shape (n, d), in their own units.

        Raises:
            ValueError: when there are fewer than ``MIN_ROWS``, or they are no table of finite numbers.
        """
        rows = checked(vectors)
        if len(rows) < MIN_ROWS:
            raise ValueError(f"{len(rows)} training rows are too few, {MIN_ROWS} are the least")
        scaler = Scaler.fit(rows)
        return cls(name, scaler, DETECTORS[name].fit(scaler.apply(rows), seed=seed))

    def score(self, vectors: ArrayLike) -> Scores:
        """Return the residual of each vector, shape (n,); 0 and above, higher is stranger."""
        rows = checked(vectors, columns=len(self.scaler.mean))
        return self.detector.score(self.scaler.apply(rows)) if len(rows) else np.zeros(0)

    def save(self, folder: Path) -> None:
        """Write everything into an existing folder."""
        self.scaler.save(folder)
        self.detector.save(folder)
        (folder / FILE).write_text(json.dumps({"detector": self.name}) + "\n", "utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what ``save`` wrote.

        Raises:
            ModelRefused: when this code does not know the detector.
        """
        name = json.loads((folder / FILE).read_text("utf-8"))["detector"]
        if name not in DETECTORS:
            raise ModelRefused("this detector cannot be served", type=name)
        return cls(name, Scaler.load(folder), DETECTORS[name].load(folder))
