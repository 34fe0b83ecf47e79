"""A probe with a bent border over what Whisper's encoder hears: near which windows it has learned from does one lie?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.voice.members.checked import check_export
from models.voice.onnx_graph import Graph

Rows = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class KernelProbe:
    """Logistic regression on Gaussian likeness to ``landmarks`` windows (Nyström) in the ``rank`` strongest directions.

    ``width`` is how fast likeness falls, for squared distances in units of the spread; ``softness`` is the inverse of
    the penalty.
    """

    view: str = "whisper"
    rank: int = 256
    landmarks: int = 800
    width: float = 0.25
    softness: float = 3.0
    steps: int = 150

    def fit(self, view: Rows, labels: NDArray[np.int64], weights: NDArray[np.float64], *, seed: int) -> FittedKernel:
        """Train on statistics (n, m)."""
        from sklearn.linear_model import LogisticRegression
        from sklearn.utils.extmath import randomized_svd

        mean, spread = view.mean(axis=0), view.std(axis=0) + np.float32(1e-3)
        scaled = (view - mean) / spread
        rank = min(self.rank, *view.shape)
        axes = randomized_svd(scaled, rank, n_iter=3, random_state=seed)[2].T.astype(np.float32)
        near = scaled @ axes
        rng = np.random.default_rng(seed)
        chosen = rng.choice(len(near), min(self.landmarks, len(near)), replace=False, p=weights / weights.sum())
        width = self.width / (rank * float(near.var()))
        space = Space((axes / spread[:, None]).astype(np.float32), mean @ (axes / spread[:, None]), near[chosen], width)
        levels, turned = np.linalg.eigh(likeness(space.landmarks, space).astype(np.float64))
        whitened = (turned / np.sqrt(np.maximum(levels, 1e-4))).astype(np.float32)
        probe = LogisticRegression(C=self.softness, max_iter=self.steps, tol=1e-3, random_state=seed)
        probe.fit(likeness(near, space) @ whitened, labels, sample_weight=weights)
        slopes = whitened.astype(np.float64) @ probe.coef_[0]
        return FittedKernel(space, slopes.astype(np.float32), float(probe.intercept_[0]))


@dataclass(frozen=True, slots=True)
class Space:
    """Where windows are compared: ``near = view @ axes - origin``; ``width`` turns squared distances into likeness."""

    axes: Rows
    origin: Rows
    landmarks: Rows
    width: float


def likeness(near: Rows, space: Space) -> Rows:
    """Return how like rows (n, rank) are to each landmark, 0..1, (n, landmarks)."""
    own, theirs = np.sum(near**2, axis=1, keepdims=True), np.sum(space.landmarks**2, axis=1)
    return np.asarray(np.exp(-space.width * (own + theirs - 2.0 * near @ space.landmarks.T)), np.float32)


class FittedKernel:
    """Implements ``Fitted``: a weight for each landmark and an offset."""

    def __init__(self, space: Space, slopes: Rows, offset: float) -> None:
        self._space, self._slopes, self._offset = space, slopes, offset

    def logits(self, view: Rows) -> NDArray[np.float64]:
        """Return the logits (n,) of statistics (n, m)."""
        near = view @ self._space.axes - self._space.origin
        return np.asarray(likeness(near, self._space) @ self._slopes + self._offset, np.float64)

    def export(self, path: Path) -> None:
        """Write the probe as ONNX."""
        from onnx import save

        space = self._space
        constants: dict[str, Any] = {
            "axes": space.axes,
            "shift": -space.origin,
            "turned": 2.0 * space.width * space.landmarks.T,
            "theirs": -space.width * np.sum(space.landmarks**2, axis=1),
            "ones": np.full((space.axes.shape[1], 1), -space.width),
            "slopes": self._slopes[:, None],
            "offset": np.array([self._offset]),
        }
        graph = Graph()
        for name, values in constants.items():
            graph.constant(name, np.asarray(values, np.float32))
        graph.add("Gemm", "view", "axes", "shift", out="near")
        graph.add("Mul", "near", "near", out="squares")
        graph.add("MatMul", "squares", "ones", out="own")
        graph.add("Gemm", "near", "turned", "theirs", out="towards")
        graph.add("Add", "towards", "own", out="exponent")
        graph.add("Exp", "exponent", out="likeness")
        graph.add("Gemm", "likeness", "slopes", "offset", out="logit")
        save(graph.model("kernel_probe", ("view", [len(space.axes)]), ("logit", [1])), path)
        check_export(self, path, (len(space.axes),))
