"""The Keras network. Training only; the server runs its ONNX export."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.voice.features import N_FRAMES, N_MFCC

BATCH = 64
LEARNING_RATE = 1.5e-3


def fit(windows: NDArray[np.float32], labels: NDArray[np.int64], *, epochs: int, seed: int) -> Any:
    """Return a network trained on windows (n, N_FRAMES, N_MFCC) and labels (n,); 1 = altered. Classes weigh the same."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    keras.utils.set_random_seed(seed)
    network = _build(windows)
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


def _build(windows: NDArray[np.float32]) -> Any:
    """1-D convolutions over time, then mean and spread over time: what is said averages out, how it sounds stays."""
    from keras import Input, Model, layers

    scale = 1.0 / (windows.std(axis=(0, 1)) + 1e-6)
    mfcc = Input((N_FRAMES, N_MFCC), name="mfcc")
    x = layers.Normalization(mean=np.zeros(N_MFCC), variance=1.0 / scale**2)(mfcc)
    x = layers.GaussianNoise(0.1)(x)
    for filters, stride in ((64, 1), (64, 2), (96, 2)):
        x = layers.Conv1D(filters, 5, strides=stride, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization()(x)
        x = layers.ReLU()(x)
        x = layers.SpatialDropout1D(0.1)(x)
    mean = layers.GlobalAveragePooling1D()(x)
    square = layers.GlobalAveragePooling1D()(layers.Multiply()([x, x]))
    peak = layers.GlobalMaxPooling1D()(x)
    x = layers.Dropout(0.4)(layers.Concatenate()([mean, square, peak]))
    x = layers.Dense(48, activation="relu")(x)
    x = layers.Dropout(0.3)(x)
    return Model(mfcc, layers.Dense(1, name="logit")(x))
