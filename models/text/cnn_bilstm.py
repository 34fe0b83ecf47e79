"""The Keras network (1D-CNN + BiLSTM + attention), served as ONNX. TensorFlow is needed for training only."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.types import Thresholds
from models.text.calibration import Calibration
from models.text.occlusion import occlude
from models.text.served import ServedTextModel
from models.text.tokens import encode, index

TYPE = "cnn_bilstm"
VOCABULARY, NETWORK, KERAS, CALIBRATION = "vocabulary.json", "network.onnx", "network.keras", "calibration.json"
BATCH = 64
"""Windows scored at once; bounds memory for very long calls."""
PIECE, LOOKED_INTO = 20, 2
"""Syllables in a piece of evidence; windows looked into."""
HIDDEN = "\0"
"""No syllable: the network sees an unknown one."""


class CnnTextModel(ServedTextModel):
    """A published network. ONNX sessions may be run from any thread."""

    def __init__(
        self, session: Any, tokens: Mapping[str, int], calibration: Calibration, version: str, thresholds: Thresholds
    ) -> None:
        super().__init__(calibration, version, thresholds)
        self._session = session
        self._tokens = tokens

    def logits(self, parts: Sequence[str]) -> NDArray[np.float64]:
        """Return the logit of each window, shape (n,)."""
        name = self._session.get_inputs()[0].name
        out = [
            self._session.run(None, {name: encode(parts[i : i + BATCH], self._tokens)})[0]
            for i in range(0, len(parts), BATCH)
        ]
        return np.concatenate(out)[:, 0].astype(np.float64) if out else np.zeros(0)

    def contributions(self, parts: Sequence[str]) -> Mapping[str, float]:
        """Return what hiding each piece of the strongest windows takes from their logits."""
        found = occlude(parts, HIDDEN, self.logits, size=PIECE, most=LOOKED_INTO)
        return {parts[i][start:end]: lost for i, (start, end), lost in found}


def save(folder: Path, model: Any, df: Mapping[str, int], calibration: Calibration) -> None:
    """Write the artefact: ONNX, the ``.keras`` file it came from, syllables with their call frequencies."""
    from models.text.fit_cnn import export_onnx

    export_onnx(model, folder / NETWORK)
    model.save(folder / KERAS)
    vocabulary = {"syllables": list(df), "df": list(df.values())}
    (folder / VOCABULARY).write_text(json.dumps(vocabulary, ensure_ascii=False), "utf-8")
    (folder / CALIBRATION).write_text(json.dumps(calibration.as_dict()) + "\n", "utf-8")


def load(folder: Path, version: str, thresholds: Thresholds) -> CnnTextModel:
    """Read an artefact that ``save`` wrote."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(folder / NETWORK), options, providers=["CPUExecutionProvider"])
    vocabulary = json.loads((folder / VOCABULARY).read_text("utf-8"))
    calibration = Calibration.from_dict(json.loads((folder / CALIBRATION).read_text("utf-8")))
    return CnnTextModel(session, index(vocabulary["syllables"]), calibration, version, thresholds)
