"""The Keras network (1D-CNN + BiLSTM), served as ONNX. TensorFlow is needed for training only."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.types import Evidence, Thresholds
from models.text.calibration import Calibration
from models.text.normalise import normalise
from models.text.tokens import encode, index
from models.text.windows import windows

TYPE = "cnn_bilstm"
VOCABULARY, NETWORK, KERAS, CALIBRATION = "vocabulary.json", "network.onnx", "network.keras", "calibration.json"
BATCH = 64
"""Windows scored at once; bounds memory for very long calls."""
EXCERPT = 40
"""Syllables of a window shown as evidence."""


class CnnTextModel:
    """A published network behind ``models.protocols.TextModel``. ONNX sessions may be run from any thread."""

    def __init__(
        self, session: Any, tokens: Mapping[str, int], calibration: Calibration, version: str, thresholds: Thresholds
    ) -> None:
        self._session = session
        self._tokens = tokens
        self._calibration = calibration
        self._version = version
        self._thresholds = thresholds

    @property
    def version(self) -> str:
        """Version name in the registry."""
        return self._version

    @property
    def thresholds(self) -> Thresholds:
        """Grade borders chosen on held-out sources."""
        return self._thresholds

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the calibrated scam probability of each text (call or sentence), shape (n,), 0..1."""
        parts = [windows(normalise(text)) or [""] for text in texts]
        logits = self._logits([part for call in parts for part in call])
        calls = np.split(logits, np.cumsum([len(call) for call in parts])[:-1]) if parts else []
        return np.array([self._calibration.probability(call) for call in calls], np.float64)

    def explain(self, text: str, *, top: int = 8) -> tuple[Evidence, ...]:
        """Return the windows with the strongest logits, by their first syllables, strongest first."""
        parts = windows(normalise(text))
        ranked = sorted(zip(self._logits(parts), parts, strict=True), key=lambda pair: (-abs(pair[0]), pair[1]))
        return tuple(Evidence(part[:EXCERPT], float(logit)) for logit, part in ranked[:top])

    def _logits(self, parts: Sequence[str]) -> NDArray[np.float64]:
        out = [
            self._session.run(None, {self._session.get_inputs()[0].name: encode(parts[i : i + BATCH], self._tokens)})[0]
            for i in range(0, len(parts), BATCH)
        ]
        return np.concatenate(out)[:, 0].astype(np.float64) if out else np.zeros(0)


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
