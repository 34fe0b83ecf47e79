"""A Keras network of an earlier system becomes a version of the registry whose scores are the same."""

from __future__ import annotations

import importlib.metadata
import json
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import ModelRefused
from models import registry
from models.registry import ModelVersion, sha256
from models.text import legacy_keras
from models.text.legacy_tokenizer import LegacyTokenizer
from models.training.legacy_pickle import read_tokenizer

TOLERANCE = 1e-5
PROBES = 64


def import_text(
    network: Path, tokenizer: Path, store: Path, *, caution: float, danger: float, padding: str, truncating: str
) -> ModelVersion:
    """Publish ``model_pre.h5`` and ``tokenizer_pre.pickle`` as a candidate of the text model.

    Raises:
        ModelRefused: when a file is not what it should be, holds code, or does not score the same as ONNX.
    """
    try:
        words = LegacyTokenizer.from_dict(read_tokenizer(tokenizer))
    except ValueError as error:
        raise ModelRefused(str(error)) from None
    model = open_keras(network)
    shape, dtype = model.inputs[0].shape, str(model.inputs[0].dtype)
    if len(model.inputs) != 1 or len(shape) != 2 or shape[1] is None or model.outputs[0].shape[1] not in {1, 2}:
        raise ModelRefused("the network must take sequences of one length and give one score")
    given = {"length": int(shape[1]), "padding": padding, "truncating": truncating, "dtype": dtype}

    def write(folder: Path) -> None:
        import keras

        legacy_keras.save_data(folder, words, given)
        signature = [keras.InputSpec(shape=(None, shape[1]), dtype=dtype)]
        model.export(folder / legacy_keras.NETWORK, format="onnx", input_signature=signature, verbose=False)
        check_same(model, folder / legacy_keras.NETWORK, (shape[1],), dtype, len(words.word_index))

    manifest = {
        "type": legacy_keras.TYPE,
        "thresholds": {"given": {"caution": caution, "danger": danger}},
        "threshold_method": "given",
        "metrics": {},
        "data": {"imported": {network.name: sha256(network), tokenizer.name: sha256(tokenizer)}},
        "libraries": {name: importlib.metadata.version(name) for name in ("tensorflow", "keras", "onnxruntime")},
    }
    return registry.publish(store, "text", write, manifest=manifest)


def open_keras(path: Path) -> Any:
    """Return the Keras model of an ``.h5`` file, uncompiled.

    Raises:
        ModelRefused: when it cannot be read, or a layer of it is code (``Lambda``) or unknown.
    """
    import h5py
    import keras

    try:
        with h5py.File(path) as file:
            layers = json.dumps(json.loads(file.attrs["model_config"]))
        if '"Lambda"' in layers:
            raise ModelRefused("the network has a Lambda layer, which is code")
        return keras.models.load_model(path, compile=False, safe_mode=True)
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise ModelRefused("the network cannot be read as a Keras model", reason=type(error).__name__) from None


def check_same(model: Any, onnx: Path, shape: tuple[int, ...], dtype: str, tokens: int) -> None:
    """Refuse a network that scores random inputs differently as ONNX.

    Raises:
        ModelRefused: when a score differs by more than ``TOLERANCE``.
    """
    import onnxruntime

    rows = np.random.default_rng(0).integers(0, min(tokens, _rows_of_embedding(model, tokens)), (PROBES, *shape))
    expected = np.asarray(model.predict_on_batch(rows.astype(dtype)))
    session = onnxruntime.InferenceSession(str(onnx), providers=["CPUExecutionProvider"])
    found = session.run(None, {session.get_inputs()[0].name: rows.astype(dtype)})[0]
    if not np.allclose(found, expected, rtol=0.0, atol=TOLERANCE):
        raise ModelRefused("the network does not give the same scores when exported")


def _rows_of_embedding(model: Any, otherwise: int) -> int:
    """Return how many tokens the first embedding knows."""
    return next((int(layer.input_dim) for layer in model.layers if hasattr(layer, "input_dim")), otherwise)
