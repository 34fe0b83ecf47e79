"""A Keras voice network of an earlier system becomes a version of the registry whose scores are the same."""

from __future__ import annotations

import importlib.metadata
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import ModelRefused
from models import registry
from models.registry import ModelVersion, sha256
from models.training.legacy_import import PROBES, TOLERANCE, open_keras
from models.voice import legacy_keras
from models.voice.legacy_keras import Features


def import_voice(
    network: Path, store: Path, *, given: Features, genuine: bool, caution: float, danger: float
) -> ModelVersion:
    """Publish ``mfcc.h5`` as a candidate of the voice model.

    Args:
        network: the Keras file.
        store: the registry.
        given: how its inputs were made; the shape is taken from the network.
        genuine: its only or last output is high for genuine voices, not for altered ones.
        caution: score (0..1) of grade 1.
        danger: score of grade 2.

    Raises:
        ModelRefused: when the file is not what it should be, holds code, or does not score the same as ONNX.
    """
    model = open_keras(network)
    shape = model.inputs[0].shape[1:]
    outputs = model.outputs[0].shape
    if len(model.inputs) != 1 or None in shape or len(outputs) != 2 or outputs[1] not in {1, 2}:
        raise ModelRefused("the network must take inputs of one shape and give one score")
    single = outputs[1] == 1
    altered = 0 if single or genuine else 1
    given = replace(given, shape=tuple(map(int, shape)), altered=altered, inverted=genuine and single)
    if not given.is_clear():
        raise ModelRefused("the network's input does not fit this number of coefficients", shape=list(given.shape))

    def write(folder: Path) -> None:
        import keras

        legacy_keras.save_features(folder, given)
        signature = [keras.InputSpec(shape=(None, *shape), dtype="float32")]
        model.export(folder / legacy_keras.NETWORK, format="onnx", input_signature=signature, verbose=False)
        _check_same(model, folder / legacy_keras.NETWORK, given.shape)

    manifest = {
        "type": legacy_keras.TYPE,
        "thresholds": {"given": {"caution": caution, "danger": danger}},
        "threshold_method": "given",
        "metrics": {},
        "features": asdict(given),
        "data": {"imported": {network.name: sha256(network)}},
        "libraries": {name: importlib.metadata.version(name) for name in ("tensorflow", "keras", "librosa")},
    }
    return registry.publish(store, "voice", write, manifest=manifest)


def _check_same(model: Any, onnx: Path, shape: tuple[int, ...]) -> None:
    import onnxruntime

    rows = np.random.default_rng(0).normal(0.0, 30.0, (PROBES, *shape)).astype(np.float32)  # as wide as MFCC are
    session = onnxruntime.InferenceSession(str(onnx), providers=["CPUExecutionProvider"])
    found = session.run(None, {session.get_inputs()[0].name: rows})[0]
    if not np.allclose(found, np.asarray(model.predict_on_batch(rows)), rtol=0.0, atol=TOLERANCE):
        raise ModelRefused("the network does not give the same scores when exported")
