"""How the first layers of Whisper's encoder hear a window: a pretrained ear, the same in training and serving.

The file in ``pretrained`` is made by ``scripts.make_whisper_encoder``. It is a constant, not a trained artefact:
versions of the voice model were trained on its very numbers, so another file is refused.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelRefused
from models.voice.whisper_mel import whisper_mel

LAYERS = 3
ENCODER = Path(__file__).parent / "pretrained" / f"whisper_base_{LAYERS}.onnx"
SHA256 = "7328475c8724d9ca4304f8ca927ad0d81afb5ee50e00eba4d6b42122e05bea2b"
_BATCH = 4  # windows at once: the states of a layer stay in the cache


def whisper_statistics(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return mean, standard deviation and mean step of every layer's 512 states over windows (n, WINDOW_SAMPLES).

    Shape (n, 3 * 512 * LAYERS), layer by layer.

    Raises:
        ModelRefused: when the encoder's file is missing or another one.
    """
    session = _session(ENCODER)
    parts = [
        session.run(None, {"mel": whisper_mel(windows[i : i + _BATCH])})[0] for i in range(0, len(windows), _BATCH)
    ]
    return np.asarray(np.concatenate(parts), np.float32)


@cache
def _session(path: Path) -> Any:
    import onnxruntime

    data = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise ModelRefused("this is not the encoder that voice models are trained with", file=path.name)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # the recogniser needs the cores
    return onnxruntime.InferenceSession(data, sess_options=options, providers=["CPUExecutionProvider"])
