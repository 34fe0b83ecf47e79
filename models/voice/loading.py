"""Open a verified version of the voice model for serving."""

from __future__ import annotations

import json

from core.errors import ModelRefused
from models.protocols import VoiceModel
from models.registry import ModelVersion
from models.voice.calibration import Calibration
from models.voice.model import MfccVoiceModel

TYPE = "mfcc_cnn"
NETWORK, KERAS, CALIBRATION = "network.onnx", "network.keras", "calibration.json"


def load_voice_model(version: ModelVersion) -> VoiceModel:
    """Return the model of ``version``, whose files the registry has checked.

    Raises:
        ModelRefused: when its type is not one this code can serve.
    """
    if version.manifest["type"] != TYPE:
        raise ModelRefused("this voice model type cannot be served", type=version.manifest["type"])
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # the network is small; the recogniser needs the cores
    session = onnxruntime.InferenceSession(
        str(version.folder / NETWORK), sess_options=options, providers=["CPUExecutionProvider"]
    )
    calibration = Calibration.read(json.loads((version.folder / CALIBRATION).read_text("utf-8")))
    return MfccVoiceModel(version.name, version.thresholds, session, calibration)
