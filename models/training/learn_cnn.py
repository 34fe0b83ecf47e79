"""The Keras network goes on learning from its weights: one pass over the calls in random order."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.registry import ModelVersion
from models.text import cnn_bilstm
from models.text.artefacts import VOCABULARY, read_calibration
from models.text.calibration import Calibration
from models.text.tokens import encode, index
from models.text.windows import WINDOW, windows
from models.training.learner import Examples, Step
from models.training.lots import pick

RATE = 5e-4
"""A quarter of the first training's: new calls correct the network, they do not replace it."""
BATCH = 64


class CnnLearner:
    """Adam from the published weights; syllables that the network does not know stay unknown."""

    def __init__(self, version: ModelVersion) -> None:
        import keras

        vocabulary = json.loads((version.folder / VOCABULARY).read_text("utf-8"))
        self._df: dict[str, int] = dict(zip(vocabulary["syllables"], vocabulary["df"], strict=True))
        self._tokens = index(vocabulary["syllables"])
        self._model = keras.models.load_model(version.folder / cnn_bilstm.KERAS, compile=False, safe_mode=True)
        self.calibration = read_calibration(version.folder)

    def learn(self, examples: Examples, *, scratch: Path, step: Step, seed: int = 0) -> int:
        """Learn; windows lie on disk as tokens, 1,200 bytes each."""
        import keras

        keras.utils.set_random_seed(seed)
        size, labels, weights = 0, list[int](), list[float]()
        with tempfile.TemporaryFile(dir=scratch) as file:
            for size, example in enumerate(examples(), 1):  # noqa: B007
                parts = pick(example)
                file.write(encode(parts, self._tokens).tobytes())
                labels += [example.label] * len(parts)
                weights += [example.weight] * len(parts)
            file.flush()
            target = np.array(labels, np.float32)[:, None]
            tokens = np.memmap(file, np.int32, "r", shape=(len(labels), WINDOW))
            weight = _balanced(np.array(labels), np.array(weights))
            loss = keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.02)
            self._model.compile(optimizer=keras.optimizers.Adam(RATE), loss=loss)
            order = np.random.default_rng(seed).permutation(len(labels))
            for number, start in enumerate(range(0, len(order), BATCH), 1):
                rows = order[start : start + BATCH]
                self._model.train_on_batch(tokens[rows], target[rows], sample_weight=weight[rows])
                step(number)
        return size

    def logits(self, text: str) -> NDArray[np.float64]:
        """Return the window logits of a normalised text, shape (windows,)."""
        rows = encode(windows(text) or [""], self._tokens)
        return np.asarray(self._model.predict_on_batch(rows), np.float64)[:, 0]

    def save(self, folder: Path, calibration: Calibration) -> None:
        """Write the artefact: the network as ONNX and as Keras keeps it."""
        cnn_bilstm.save(folder, self._model, self._df, calibration)


def _balanced(labels: NDArray[np.int64], weights: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return weights of mean 1 with which both labels count the same."""
    mass = [max(float(weights[labels == label].sum()), 1e-9) for label in (0, 1)]
    balanced = weights * np.where(labels == 1, 1.0 / mass[1], 1.0 / mass[0])
    return np.asarray(balanced / balanced.mean(), np.float32)
