"""A linear probe over what the first layers of Whisper's encoder hear: few numbers to learn, on little data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.voice.members.checked import check_export
from models.voice.onnx_graph import Graph


@dataclass(frozen=True, slots=True)
class WhisperProbe:
    """Logistic regression on standardised statistics; ``softness`` is the inverse of its penalty."""

    view: str = "whisper"
    softness: float = 1e-3
    steps: int = 200

    def fit(
        self, view: NDArray[np.float32], labels: NDArray[np.int64], weights: NDArray[np.float64], *, seed: int
    ) -> FittedProbe:
        """Train on statistics (n, m)."""
        from sklearn.linear_model import LogisticRegression

        mean = np.average(view, axis=0, weights=weights)
        spread = np.sqrt(np.average((view - mean) ** 2, axis=0, weights=weights)) + 1e-4
        probe = LogisticRegression(C=self.softness, max_iter=self.steps, tol=1e-3, random_state=seed)
        probe.fit((view - mean) / spread, labels, sample_weight=weights)
        slopes = probe.coef_[0] / spread
        return FittedProbe(slopes.astype(np.float32), float(probe.intercept_[0] - slopes @ mean))


class FittedProbe:
    """Implements ``Fitted``: one weight for each statistic, (m,), and an offset."""

    def __init__(self, slopes: NDArray[np.float32], offset: float) -> None:
        self._slopes, self._offset = slopes, offset

    def logits(self, view: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the logits (n,) of statistics (n, m)."""
        return np.asarray(view @ self._slopes + self._offset, np.float64)

    def export(self, path: Path) -> None:
        """Write the probe as ONNX."""
        from onnx import save

        graph = Graph()
        slopes = graph.constant("slopes", self._slopes[:, None])
        offset = graph.constant("offset", np.array([self._offset], np.float32))
        graph.add("Gemm", "view", slopes, offset, out="logit")
        save(graph.model("whisper_probe", ("view", [len(self._slopes)]), ("logit", [1])), path)
        check_export(self, path, self._slopes.shape)
