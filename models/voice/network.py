"""The Keras network. Training only; the server runs its ONNX export."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelRefused
from models.voice.features import N_FRAMES, N_MFCC

BATCH = 64
LEARNING_RATE = 1.5e-3
MAX_EXPORT_DIFFERENCE = 1e-4


def fit(windows: NDArray[np.float32], labels: NDArray[np.int64], *, epochs: int, seed: int) -> Any:
    """Return a network trained on windows (n, N_FRAMES, N_MFCC), labels (n,), 1 = altered; classes weigh the same."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    keras.utils.set_random_seed(seed)
    network = _build()
    schedule = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, max(1, epochs * (len(windows) // BATCH)))
    network.compile(
        optimizer=keras.optimizers.AdamW(schedule, weight_decay=1e-3),
        loss=keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.05),
    )
    positive = float(np.mean(labels))
    weights = {0: 0.5 / (1.0 - positive), 1: 0.5 / positive}
    network.fit(windows, labels[:, None], batch_size=BATCH, epochs=epochs, class_weight=weights, verbose=0)
    return network


def predict(network: Any, windows: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the logits, shape (n,)."""
    return np.asarray(network.predict(windows, batch_size=256, verbose=0), dtype=np.float64)[:, 0]


def save(network: Any, *, keras_path: Path, onnx_path: Path) -> None:
    """Write the network as ``.keras`` and as ONNX, any number of windows at once."""
    import keras

    network.save(keras_path)
    signature = [keras.InputSpec(shape=(None, N_FRAMES, N_MFCC), dtype="float32", name="mfcc")]
    network.export(onnx_path, format="onnx", input_signature=signature, verbose=False)
    _check_export(network, onnx_path)


def _check_export(network: Any, onnx_path: Path) -> None:
    """Compare Keras and ONNX on random features.

    Raises:
        ModelRefused: when any output differs by more than ``MAX_EXPORT_DIFFERENCE``.
    """
    import onnxruntime

    mfcc = np.random.default_rng(0).normal(size=(8, N_FRAMES, N_MFCC)).astype(np.float32)
    session = onnxruntime.InferenceSession(str(onnx_path), providers=["CPUExecutionProvider"])
    served = session.run(None, {session.get_inputs()[0].name: mfcc})[0][:, 0]
    difference = float(np.abs(served - predict(network, mfcc)).max())
    if difference > MAX_EXPORT_DIFFERENCE:
        raise ModelRefused("the ONNX export does not equal the Keras network", difference=difference)


def _build() -> Any:
    """Movement statistics of the MFCC beside 1-D convolutions, pooled over time: how it sounds, not what is said."""
    from keras import Input, Model, layers, ops

    mfcc = Input((N_FRAMES, N_MFCC), name="mfcc")
    # Not layers.Normalization: its constants become inputs nobody feeds in the ONNX export.
    x = layers.BatchNormalization(momentum=0.9, center=False, scale=False)(mfcc)
    delta = layers.Subtract()([x[:, 1:], x[:, :-1]])
    second = layers.Subtract()([delta[:, 1:], delta[:, :-1]])
    moves = [_spread(part) for part in (x, delta, second)]
    moves += [ops.log(ops.mean(ops.abs(part), axis=1) + 1e-4) for part in (x, delta, second)]
    statistics = layers.BatchNormalization(momentum=0.9)(layers.Concatenate()(moves))
    for stride in (1, 2, 2):
        x = layers.Conv1D(24, 5, strides=stride, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
    pooled = layers.Concatenate()([layers.GlobalAveragePooling1D()(x), _spread(x)])
    pooled = layers.BatchNormalization(momentum=0.9)(pooled)
    y = layers.Dropout(0.4)(layers.Concatenate()([statistics, pooled]))
    y = layers.Dropout(0.4)(layers.Dense(48, activation="relu")(y))
    return Model(mfcc, layers.Dense(1, name="logit")(y))


def _spread(x: Any) -> Any:
    """Return the log standard deviation over time, shape (n, channels)."""
    from keras import ops

    return 0.5 * ops.log(ops.var(x, axis=1) + 1e-4)
