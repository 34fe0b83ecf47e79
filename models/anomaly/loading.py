"""Open a verified version of a detector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from numpy.typing import ArrayLike

from core.types import Thresholds
from models.anomaly.detector import Scores, checked
from models.anomaly.one_class import OneClass
from models.anomaly.windows import stack
from models.registry import ModelVersion


@dataclass(frozen=True, slots=True)
class AnomalyModel:
    """A published detector: the columns it wants, in their order, and the thresholds of its residuals."""

    version: str
    thresholds: Thresholds
    columns: tuple[str, ...]
    window: int
    model: OneClass

    def score(self, vectors: ArrayLike, *, groups: Sequence[object] | None = None) -> Scores:
        """Return the residual of each row, shape (n,), for rows (n, d) in the order of time and in their own units."""
        rows = checked(vectors, columns=len(self.columns))
        return self.model.score(stack(rows, self.window, groups=groups))


def load_anomaly_model(version: ModelVersion) -> AnomalyModel:
    """Return the model of ``version``, whose files the registry has checked.

    Raises:
        ModelRefused: when its detector is not one this code knows.
    """
    said = version.manifest
    model = OneClass.load(version.folder)
    return AnomalyModel(version.name, version.thresholds, tuple(said["data"]["columns"]), int(said["window"]), model)
