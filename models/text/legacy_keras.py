"""A text model of an earlier system, taken over by ``scripts.import_legacy``: its own tokens, its network as ONNX.

Its score is what its network said, uncalibrated. Unlike the other types it hears no more of a call than its network
did: what is longer is cut as the earlier system cut it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.types import Evidence, Thresholds
from models.text.legacy_tokenizer import LegacyTokenizer

TYPE = "legacy_keras_text"
NETWORK, TOKENIZER, INPUT = "network.onnx", "tokenizer.json", "input.json"
BATCH = 64


class LegacyKerasTextModel:
    """Behind ``models.protocols.TextModel``. ONNX sessions may be run from any thread."""

    def __init__(
        self, session: Any, tokenizer: LegacyTokenizer, given: dict[str, Any], version: str, thresholds: Thresholds
    ) -> None:
        self._session, self._tokenizer, self._given = session, tokenizer, given
        self._version, self._thresholds = version, thresholds

    @property
    def version(self) -> str:
        """Version name in the registry."""
        return self._version

    @property
    def thresholds(self) -> Thresholds:
        """Grade borders given when it was taken over."""
        return self._thresholds

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return what the network says of each text, shape (n,), 0..1."""
        return self._scores(self._matrix(texts))

    def explain(self, text: str, *, top: int = 8) -> tuple[Evidence, ...]:
        """Return the words without which the score would change most, strongest first, signed."""
        (row,) = self._matrix([text])
        names = {number: word for word, number in self._tokenizer.word_index.items()}
        words = [int(number) for number in np.unique(row) if number]
        if not words:
            return ()
        without = np.array([np.where(row == number, 0, row) for number in words], np.int32)
        changes = self._scores(row[None])[0] - self._scores(without)
        order = sorted(range(len(words)), key=lambda place: -abs(changes[place]))[:top]
        return tuple(Evidence(names[words[place]], float(changes[place])) for place in order)

    def _matrix(self, texts: Sequence[str]) -> NDArray[np.int32]:
        given = self._given
        return self._tokenizer.matrix(
            list(texts), given["length"], padding=given["padding"], truncating=given["truncating"]
        )

    def _scores(self, rows: NDArray[np.int32]) -> NDArray[np.float64]:
        inputs = self._session.get_inputs()[0].name
        parts = [rows[start : start + BATCH].astype(self._given["dtype"]) for start in range(0, len(rows), BATCH)]
        outputs = [self._session.run(None, {inputs: part})[0] for part in parts]
        return np.concatenate(outputs)[:, -1].astype(np.float64) if outputs else np.zeros(0)


def save_data(folder: Path, tokenizer: LegacyTokenizer, given: dict[str, Any]) -> None:
    """Write what is not the network."""
    (folder / TOKENIZER).write_text(json.dumps(asdict(tokenizer), ensure_ascii=False), "utf-8")
    (folder / INPUT).write_text(json.dumps(given) + "\n", "utf-8")


def load(folder: Path, version: str, thresholds: Thresholds) -> LegacyKerasTextModel:
    """Read an artefact that ``scripts.import_legacy`` wrote; never imports TensorFlow."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(folder / NETWORK), options, providers=["CPUExecutionProvider"])
    tokenizer = LegacyTokenizer(**json.loads((folder / TOKENIZER).read_text("utf-8")))
    given = json.loads((folder / INPUT).read_text("utf-8"))
    return LegacyKerasTextModel(session, tokenizer, given, version, thresholds)
