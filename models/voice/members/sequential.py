"""Networks that read a window in time: BiLSTM and Transformer over MFCC with slopes."""

from __future__ import annotations

from typing import Any

STRIDE = 4  # 64 ms a step: 47 steps a window instead of 188
WIDTH = 64
HEADS = 4


def bilstm(shape: tuple[int, ...]) -> Any:
    """Return a bidirectional LSTM over MFCC (frames, coefficients), shortened by a convolution first."""
    from keras import Input, Model, layers

    mfcc = Input(shape, name="view")
    x = layers.Bidirectional(layers.LSTM(WIDTH // 2, return_sequences=True))(_steps(mfcc))
    return Model(mfcc, _judged(x))


def transformer(shape: tuple[int, ...]) -> Any:
    """Return two pre-norm Transformer blocks over MFCC (frames, coefficients)."""
    from keras import Input, Model, layers

    mfcc = Input(shape, name="view")
    x = _steps(mfcc)
    for _ in range(2):
        calm = layers.LayerNormalization()(x)
        x = layers.Add()([x, layers.MultiHeadAttention(HEADS, WIDTH // HEADS, dropout=0.2)(calm, calm)])
        wide = layers.Dense(2 * WIDTH, activation="relu")(layers.LayerNormalization()(x))
        x = layers.Add()([x, layers.Dropout(0.2)(layers.Dense(WIDTH)(wide))])
    return Model(mfcc, _judged(x))


def _steps(mfcc: Any) -> Any:
    """Normalise the coefficients and fold ``STRIDE`` frames into one step; convolution tells order."""
    from keras import layers

    # Not layers.Normalization: its constants become inputs nobody feeds in the ONNX export.
    x = layers.BatchNormalization(momentum=0.9, center=False, scale=False)(mfcc)
    x = layers.Conv1D(WIDTH, 2 * STRIDE + 1, strides=STRIDE, padding="same", use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))


def _judged(x: Any) -> Any:
    from keras import layers, ops

    spread = 0.5 * ops.log(ops.var(x, axis=1) + 1e-4)
    x = layers.Concatenate()([layers.GlobalAveragePooling1D()(x), spread])
    return layers.Dense(1, name="logit")(layers.Dropout(0.4)(x))
