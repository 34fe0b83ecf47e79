"""Variational auto-encoder: what it cannot rebuild of a row is the residual. Trained by Keras, served as ONNX."""

from __future__ import annotations

import os
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import ModelRefused
from models.anomaly.detector import Rows, Scores, rms

NETWORK, KERAS = "vae.onnx", "vae.keras"
NOISE_VARIANCE = 0.1
"""Of a scaled column, as the decoder assumes it; larger values let the code collapse to nothing."""
MAX_EPOCHS, PATIENCE, BATCH, LEARNING_RATE = 150, 10, 64, 2e-3
MAX_EXPORT_DIFFERENCE = 1e-4


class Vae:
    """The deterministic way through: row → mean of its code → row. ONNX both right after training and when served."""

    def __init__(self, onnx: bytes, keras_file: bytes) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # a few thousand multiplications
        self._onnx, self._keras_file = onnx, keras_file
        self._session = onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])

    def score(self, rows: Rows) -> Scores:
        """Return the root mean square of row minus reconstruction, shape (n,)."""
        return rms(rows - self.rebuild(rows))

    def rebuild(self, rows: Rows) -> Rows:
        """Return the reconstruction, shape (n, d)."""
        (rebuilt,) = self._session.run(None, {self._session.get_inputs()[0].name: rows})
        return np.asarray(rebuilt, np.float32)

    def save(self, folder: Path) -> None:
        """Write the network as ONNX and as ``.keras``."""
        (folder / NETWORK).write_bytes(self._onnx)
        (folder / KERAS).write_bytes(self._keras_file)


def load(folder: Path) -> Vae:
    """Read what ``save`` wrote; needs no Keras."""
    return Vae((folder / NETWORK).read_bytes(), (folder / KERAS).read_bytes())


def fit(rows: Rows, *, seed: int) -> Vae:
    """Train until every tenth row, which is held out, is not rebuilt better any more."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    keras.utils.set_random_seed(seed)
    trained, served = _build(rows.shape[1], seed)
    held = np.arange(len(rows)) % 10 == 9
    trained.compile(
        keras.optimizers.Adam(LEARNING_RATE),
        loss=lambda row, out: keras.ops.sum(keras.ops.square(row - out), axis=-1) / (2.0 * NOISE_VARIANCE),
    )
    stop = keras.callbacks.EarlyStopping(patience=PATIENCE, restore_best_weights=True)
    learn, check = rows[~held], rows[held]
    trained.fit(
        learn, learn, validation_data=(check, check), epochs=MAX_EPOCHS, batch_size=BATCH, callbacks=[stop], verbose=0
    )
    return _export(served, check)


def _build(columns: int, seed: int) -> tuple[Any, Any]:
    """Return the network that is trained and the deterministic one that shares its weights."""
    import keras
    from keras import layers, ops

    class Draw(layers.Layer):  # type: ignore[misc]  # Keras has no types
        """A random code around its mean, and the loss that keeps codes near a standard normal."""

        def __init__(self) -> None:
            super().__init__()
            self.seeds = keras.random.SeedGenerator(seed)

        def call(self, mean: Any, log_variance: Any) -> Any:
            divergence = ops.exp(log_variance) + ops.square(mean) - 1.0 - log_variance
            self.add_loss(0.5 * ops.mean(ops.sum(divergence, axis=-1)))
            return mean + ops.exp(0.5 * log_variance) * keras.random.normal(ops.shape(mean), seed=self.seeds)

    wide = int(np.clip(2 * columns, 8, 128))
    code = int(np.clip((columns + 1) // 2, 1, 32))  # what is not needed stays noise
    row = keras.Input((columns,), name="row")
    hidden = layers.Dense(wide, activation="elu")(row)
    mean = layers.Dense(code)(hidden)
    log_variance = layers.Dense(code, kernel_initializer="zeros")(hidden)
    widen, out = layers.Dense(wide, activation="elu"), layers.Dense(columns)
    trained = keras.Model(row, out(widen(Draw()(mean, log_variance))))
    return trained, keras.Model(row, out(widen(mean)))


def _export(network: Any, rows: Rows) -> Vae:
    """Return the network as files.

    Raises:
        ModelRefused: when ONNX and Keras differ by more than ``MAX_EXPORT_DIFFERENCE``.
    """
    import keras

    with tempfile.TemporaryDirectory() as folder:
        onnx_path, keras_path = Path(folder) / NETWORK, Path(folder) / KERAS
        signature = [keras.InputSpec(shape=(None, rows.shape[1]), dtype="float32", name="row")]
        with warnings.catch_warnings():  # Keras and tf2onnx ask NumPy for what it gives up
            warnings.simplefilter("ignore", FutureWarning)
            warnings.simplefilter("ignore", DeprecationWarning)
            network.export(onnx_path, format="onnx", input_signature=signature, verbose=False)
            network.save(keras_path)
        served = Vae(onnx_path.read_bytes(), keras_path.read_bytes())
    difference = float(np.abs(served.rebuild(rows) - network.predict(rows, verbose=0)).max())
    if difference > MAX_EXPORT_DIFFERENCE:
        raise ModelRefused("the ONNX export does not equal the Keras network", difference=difference)
    return served
