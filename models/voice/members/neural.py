"""Keras members: one way to train and export, an architecture each."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.voice.members.checked import check_export

BATCH = 64


@dataclass(frozen=True, slots=True)
class Neural:
    """A network over one view. ``build`` takes the view's shape without n and returns a model with one logit."""

    view: str
    build: Callable[[tuple[int, ...]], Any]
    epochs: int = 8
    rate: float = 1.5e-3

    def fit(
        self, view: NDArray[np.float32], labels: NDArray[np.int64], weights: NDArray[np.float64], *, seed: int
    ) -> FittedNetwork:
        """Train on one view (n, …)."""
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        import keras

        keras.utils.set_random_seed(seed)
        network = self.build(view.shape[1:])
        schedule = keras.optimizers.schedules.CosineDecay(self.rate, max(1, self.epochs * (len(view) // BATCH)))
        network.compile(
            optimizer=keras.optimizers.AdamW(schedule, weight_decay=1e-3),
            loss=keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.05),
        )
        network.fit(
            view,
            labels[:, None].astype(np.float32),
            sample_weight=weights,
            batch_size=BATCH,
            epochs=self.epochs,
            verbose=0,
        )
        return FittedNetwork(network, view.shape[1:])


class FittedNetwork:
    """Implements ``Fitted``."""

    def __init__(self, network: Any, shape: tuple[int, ...]) -> None:
        self._network, self._shape = network, shape

    def logits(self, view: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the logits (n,) of one view (n, …)."""
        return np.asarray(self._network.predict(view, batch_size=128, verbose=0), np.float64)[:, 0]

    def export(self, path: Path) -> None:
        """Write the network as ONNX, any number of windows at once."""
        import keras

        signature = [keras.InputSpec(shape=(None, *self._shape), dtype="float32", name="view")]
        self._network.export(path, format="onnx", input_signature=signature, verbose=False)
        check_export(self, path, self._shape)
