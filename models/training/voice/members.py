"""Members of the voice ensemble that go on learning from what is served of them: trees, and linear probes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from models.training.voice import onnx_trees
from models.voice.members.boosting import FittedTrees
from models.voice.members.whisper import WhisperProbe

Rows = NDArray[np.float32]
Logits = NDArray[np.float64]
Step = Callable[[int], None]
TREES, STEPS = 60, 100
PARAMETERS = {
    "objective": "binary",
    "num_leaves": 15,
    "learning_rate": 0.05,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "min_data_in_leaf": 20,
    "lambda_l2": 5.0,
    "max_bin": 63,
    "num_threads": 1,
    "deterministic": True,
    "verbose": -1,
}
"""Smaller trees than the first training's: new calls correct the ensemble, they do not replace it."""
STRENGTH = 1.0 / WhisperProbe().softness
"""How firmly a weight of a probe is held at its old value: as firmly as the first training held it at zero."""


class Member(Protocol):
    """A served member that learns on."""

    width: int
    """Features it looks at."""

    def learn(self, rows: Rows, labels: NDArray[np.int64], weights: Logits, known: Logits, step: Step) -> None:
        """Learn from rows (n, width), their labels and weights (n,), and what the member said of them until now."""
        ...

    def added(self, view: Rows) -> Logits:
        """Return what the logits (n,) have changed by."""
        ...

    def write(self, old: Path, out: Path) -> None:
        """Write the ONNX file with what was learned; ``old`` is the file it started from."""
        ...


class Trees:
    """More trees on top (``init_score``): what ``init_model`` does, without the file it would need."""

    def __init__(self, width: int) -> None:
        self.width = width
        self._booster: Any = None

    def learn(self, rows: Rows, labels: NDArray[np.int64], weights: Logits, known: Logits, step: Step) -> None:
        """Grow ``TREES`` trees."""
        import lightgbm

        data = lightgbm.Dataset(rows, labels, weight=weights, init_score=known)
        told = [lambda state: step(state.iteration + 1)]
        self._booster = lightgbm.train({**PARAMETERS, "seed": 0}, data, TREES, callbacks=told)

    def added(self, view: Rows) -> Logits:
        """Return the logits of the new trees."""
        return np.asarray(self._booster.predict(view, raw_score=True), np.float64)

    def write(self, old: Path, out: Path) -> None:
        """Write old and new trees as one ensemble."""
        more = out.with_suffix(".more")
        FittedTrees(self._booster, self.width).export(more)
        onnx_trees.grown(old, more, out)
        more.unlink()


class Probe:
    """Logistic regression with an L2 pull to its old weights, on features of equal spread."""

    def __init__(self, width: int) -> None:
        self.width = width
        self._change: Logits = np.zeros(width + 1)

    def learn(self, rows: Rows, labels: NDArray[np.int64], weights: Logits, known: Logits, step: Step) -> None:
        """Take at most ``STEPS`` steps of L-BFGS."""
        from scipy.optimize import minimize

        sign, spread = 2.0 * labels - 1.0, np.append(rows.std(axis=0) + 1e-4, 1.0)
        done = iter(range(1, STEPS + 1))

        def loss(theta: Logits) -> tuple[float, Logits]:
            change = theta / spread
            margin = sign * (known + rows @ change[:-1].astype(np.float32) + change[-1])
            pull = -weights * sign / (1.0 + np.exp(np.minimum(margin, 500.0)))
            slope = np.append(pull.astype(np.float32) @ rows, pull.sum()) / spread + STRENGTH * theta
            return float(weights @ np.logaddexp(0.0, -margin)) + 0.5 * STRENGTH * float(theta @ theta), slope

        start = np.zeros(self.width + 1)
        found = minimize(
            loss, start, jac=True, method="L-BFGS-B", callback=lambda _: step(next(done)), options={"maxiter": STEPS}
        )
        self._change = found.x / spread

    def added(self, view: Rows) -> Logits:
        """Return what the changed weights add."""
        return np.asarray(view @ self._change[:-1] + self._change[-1], np.float64)

    def write(self, old: Path, out: Path) -> None:
        """Write the file with the changed weights."""
        import onnx

        model = onnx.load(old)
        for constant in model.graph.initializer:
            values = onnx.numpy_helper.to_array(constant)
            change = self._change[:-1] if values.size == self.width else self._change[-1:]
            changed = (values + change.reshape(values.shape)).astype(np.float32)
            constant.CopyFrom(onnx.numpy_helper.from_array(changed, constant.name))
        onnx.save(model, out)


def member_of(path: Path) -> Member | None:
    """Return what goes on learning from an ONNX file; None for a network, which stays as it is."""
    width = onnx_trees.width(path)
    if width is not None:
        return Trees(width)
    import onnx

    graph = onnx.load(path).graph
    sizes = [int(np.prod(constant.dims)) for constant in graph.initializer]
    if [node.op_type for node in graph.node] != ["Gemm"] or len(sizes) != 2 or 1 not in sizes or max(sizes) == 1:
        return None
    return Probe(max(sizes))
