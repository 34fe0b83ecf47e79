"""Training of the Keras network (1D-CNN + BiLSTM + attention). Runs in the training process only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.text.data import Call
from models.text.samples import Sample, weights
from models.text.tokens import PAD, encode, index, syllables
from models.text.windows import logits_by_text

STEP = 4
"""Syllables that become one step of the LSTM."""
ATTENTION = "attention"
NOTHING = 1e9
"""Taken from the energy of a step that is padding."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A Keras model together with the tokens it knows and their call frequencies."""

    model: Any
    tokens: Mapping[str, int]
    df: Mapping[str, int]

    def logits(self, parts: Sequence[str]) -> NDArray[np.float64]:
        """Return the logit of each normalised window, shape (n,)."""
        out = self.model.predict(encode(parts, self.tokens), batch_size=512, verbose=0)
        return np.asarray(out[:, 0], np.float64)


def build(size: int, *, width: int = 64) -> Any:
    """Return the uncompiled network: tokens (n, any) int32 → logit (n, 1); ``size`` counts tokens.

    The layer named ``attention`` weighs every step (four syllables) of a window, padding with nothing.
    """
    import keras
    from keras import layers

    tokens = keras.Input(shape=(None,), dtype="int32")
    steps = layers.SpatialDropout1D(0.2)(layers.Embedding(size, width)(tokens))
    steps = layers.Conv1D(width, 5, activation="relu", padding="same")(steps)
    steps = layers.MaxPooling1D(STEP, padding="same")(steps)
    steps = layers.Bidirectional(layers.LSTM(width // 2, return_sequences=True))(steps)
    present = keras.ops.cast(keras.ops.not_equal(tokens, PAD), "float32")
    present = layers.MaxPooling1D(STEP, padding="same")(keras.ops.expand_dims(present, -1))
    energy = layers.Dense(1, use_bias=False)(layers.Dense(width, activation="tanh")(steps))
    attention = layers.Softmax(axis=1, name=ATTENTION)(energy + (present - 1.0) * NOTHING)
    read = keras.ops.sum(steps * attention, axis=1)
    pooled = layers.Concatenate()([read, layers.GlobalMaxPooling1D()(steps)])
    return keras.Model(tokens, layers.Dense(1)(layers.Dropout(0.3)(pooled)))


def export_onnx(model: Any, path: Path) -> None:
    """Write the network as ONNX for serving without TensorFlow."""
    import keras

    model.export(path, format="onnx", input_signature=[keras.InputSpec(shape=(None, None), dtype="int32")])


class CnnTrainer:
    """Fits the network on any subset of the calls; samples are drawn by their weight."""

    name = "cnn_bilstm"

    def __init__(
        self, calls: Sequence[Call], samples: Sequence[Sample], *, drawn: int = 10_000, width: int = 64
    ) -> None:
        self._calls, self._samples = calls, samples
        self._drawn, self._width = drawn, width
        self._owner = np.array([s.call for s in samples])

    def fit(self, train: Sequence[int], *, seed: int = 0) -> Trained:
        """Return the network learned from the calls with the indices ``train``."""
        import keras

        keras.utils.set_random_seed(seed + 1)
        df = syllables([self._calls[i].text for i in train])
        tokens = index(list(df))
        rows = np.flatnonzero(np.isin(self._owner, train))
        picked = [self._samples[int(row)] for row in rows]
        labels = np.array([self._calls[s.call].label for s in picked], np.float32)
        chance = weights(picked, self._calls).astype(np.float64)
        drawn = np.random.default_rng(seed).choice(len(rows), self._drawn, p=chance / chance.sum())
        model = build(len(tokens) + 2, width=self._width)
        loss = keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.02)
        model.compile(optimizer=keras.optimizers.Adam(2e-3), loss=loss)
        inputs = encode([picked[i].text for i in drawn], tokens)
        model.fit(inputs, labels[drawn, None], batch_size=64, epochs=1, shuffle=False, verbose=0)
        return Trained(model, tokens, df)

    def call_logits(self, network: Trained, held_out: Sequence[int]) -> list[NDArray[np.float64]]:
        """Return the window logits of each call of ``held_out``."""
        return self.text_logits(network, [self._calls[i].text for i in held_out])

    def text_logits(self, network: Trained, texts: Sequence[str]) -> list[NDArray[np.float64]]:
        """Return the window logits of each normalised text."""
        return logits_by_text(texts, network.logits)
