"""Open a verified version of the voice model for serving."""

from __future__ import annotations

import json

from core.errors import ModelRefused
from models.protocols import VoiceModel
from models.registry import ModelVersion
from models.voice import legacy_keras
from models.voice.calibration import Calibration
from models.voice.model import MfccVoiceModel

TYPE = "mfcc_cnn"
ENSEMBLE_TYPE = "ensemble"
NETWORK, KERAS, CALIBRATION, ENSEMBLE = "network.onnx", "network.keras", "calibration.json", "ensemble.json"


def member_file(name: str) -> str:
    """Return the file name of a member of an ensemble."""
    return f"{name}.onnx"


def load_voice_model(version: ModelVersion) -> VoiceModel:
    """Return the model of ``version``, whose files the registry has checked.

    Raises:
        ModelRefused: when its type is not one this code can serve.
    """
    loaders = {TYPE: _mfcc_cnn, ENSEMBLE_TYPE: _ensemble}
    kind = version.manifest["type"]
    if kind == legacy_keras.TYPE:
        return legacy_keras.load(version)
    if kind not in loaders:
        raise ModelRefused("this voice model type cannot be served", type=kind)
    calibration = Calibration.read(json.loads((version.folder / CALIBRATION).read_text("utf-8")))
    return loaders[kind](version, calibration)


def _mfcc_cnn(version: ModelVersion, calibration: Calibration) -> VoiceModel:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # the network is small; the recogniser needs the cores
    session = onnxruntime.InferenceSession(
        str(version.folder / NETWORK), sess_options=options, providers=["CPUExecutionProvider"]
    )
    return MfccVoiceModel(version.name, version.thresholds, session, calibration)


def _ensemble(version: ModelVersion, calibration: Calibration) -> VoiceModel:
    from models.voice.members.served import open_member
    from models.voice.served import EnsembleVoiceModel, Part

    stored = json.loads((version.folder / ENSEMBLE).read_text("utf-8"))
    parts = [Part.read(part) for part in stored["members"]]
    members = [open_member(version.folder / member_file(part.name)) for part in parts]
    return EnsembleVoiceModel(version.name, version.thresholds, calibration, parts, members)
