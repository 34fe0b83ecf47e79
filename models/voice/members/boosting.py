"""Boosted trees over the statistics of a window: cheap to train, hard to beat on little data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.voice.members.checked import check_export


@dataclass(frozen=True, slots=True)
class Boosting:
    """LightGBM with strong regularisation; every tree sees a part of the features, for lines nobody has heard."""

    view: str = "statistics"
    trees: int = 400
    leaves: int = 31
    rate: float = 0.05

    def fit(
        self, view: NDArray[np.float32], labels: NDArray[np.int64], weights: NDArray[np.float64], *, seed: int
    ) -> FittedTrees:
        """Train on statistics (n, m)."""
        import lightgbm

        parameters = {
            "objective": "binary",
            "num_leaves": self.leaves,
            "learning_rate": self.rate,
            "feature_fraction": 0.3,
            "bagging_fraction": 0.7,
            "bagging_freq": 1,
            "min_data_in_leaf": 30,
            "lambda_l2": 5.0,
            "max_bin": 63,
            "num_threads": 1,
            "deterministic": True,
            "seed": seed,
            "verbose": -1,
        }
        data = lightgbm.Dataset(view, labels, weight=weights)
        return FittedTrees(lightgbm.train(parameters, data, self.trees), view.shape[1])


class FittedTrees:
    """Implements ``Fitted``."""

    def __init__(self, booster: Any, width: int) -> None:
        self._booster, self._width = booster, width

    def logits(self, view: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the logits (n,) of statistics (n, m)."""
        return np.asarray(self._booster.predict(view, raw_score=True), np.float64)

    def export(self, path: Path) -> None:
        """Write the trees as ONNX."""
        from onnxmltools import convert_lightgbm
        from onnxmltools.convert.common.data_types import FloatTensorType

        inputs = [("statistics", FloatTensorType([None, self._width]))]
        converted = convert_lightgbm(self._booster, initial_types=inputs, zipmap=False)
        path.write_bytes(converted.SerializeToString())
        check_export(self, path, (self._width,))
