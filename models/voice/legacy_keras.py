"""A voice model of an earlier system, taken over by ``scripts.import_legacy``: MFCC as librosa gives them, its network.

Its scores are what its network said, uncalibrated, of windows of about 3 s; the score of a call is their mean on the
logit scale. An earlier system that averaged the MFCC of a whole file gave one score for all of it instead.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.types import SAMPLE_RATE_HZ
from models.registry import ModelVersion
from models.voice.calibration import Calibration, logit
from models.voice.model import Judged, WindowModel

TYPE = "legacy_keras_voice"
NETWORK, INPUT = "network.onnx", "input.json"
AS_IT_IS = Calibration(1.0, 0.0, 1.0, 0.0)


@dataclass(frozen=True, slots=True)
class Features:
    """How the network's inputs were made; lengths in samples at ``sample_rate_hz``.

    ``shape`` is one input: (n_mfcc,) is the mean over time, (frames, n_mfcc) or (n_mfcc, frames) are the frames
    themselves, cut or filled with zeros at the end; ones behind or among them are kept. ``altered`` is the output that
    says altered, and ``inverted`` tells that the only output says genuine.
    """

    shape: tuple[int, ...]
    n_mfcc: int = 40
    sample_rate_hz: int = 22_050
    n_fft: int = 2048
    hop: int = 512
    altered: int = 0
    inverted: bool = False

    @property
    def axes(self) -> tuple[int, ...]:
        """Sizes of one input without ones."""
        return tuple(size for size in self.shape if size != 1)

    def is_clear(self) -> bool:
        """Tell whether the shape says in one way only where coefficients and frames lie."""
        return self.axes == (self.n_mfcc,) or (len(self.axes) == 2 and self.axes.count(self.n_mfcc) == 1)

    def of(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the input, of ``shape``, for samples (n,), mono, float32 in -1..1, at ``sample_rate_hz``."""
        from librosa.feature import mfcc

        found = mfcc(y=samples, sr=self.sample_rate_hz, n_mfcc=self.n_mfcc, n_fft=self.n_fft, hop_length=self.hop)
        if len(self.axes) == 1:
            return np.asarray(found.mean(axis=1).reshape(self.shape), np.float32)
        frames = self.axes[1 - self.axes.index(self.n_mfcc)]
        fitted = np.zeros((self.n_mfcc, frames), np.float32)
        fitted[:, : found.shape[1]] = found[:, :frames]
        return (fitted if self.axes[0] == self.n_mfcc else fitted.T).reshape(self.shape)

    def scores(self, outputs: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the score of being altered, shape (n,), from the network's outputs, shape (n, outputs)."""
        chosen = outputs[:, self.altered].astype(np.float64)
        return 1.0 - chosen if self.inverted else chosen


class LegacyKerasVoiceModel(WindowModel):
    """Behind ``models.protocols.VoiceModel``. ONNX sessions may be run from any thread."""

    def __init__(self, version: ModelVersion, session: Any, given: Features) -> None:
        super().__init__(version.name, version.thresholds, AS_IT_IS)
        self._session, self._given = session, given

    def judge(self, windows: NDArray[np.float32]) -> Judged:
        """Return what is heard in windows (n, WINDOW_SAMPLES), 16 kHz."""
        from librosa import resample

        rate = self._given.sample_rate_hz
        return Judged(logit(self.score([resample(part, orig_sr=SAMPLE_RATE_HZ, target_sr=rate) for part in windows])))

    def score(self, sounds: Sequence[NDArray[np.float32]]) -> NDArray[np.float64]:
        """Return what the network says of each sound, shape (n,), 0..1; samples are at the network's own rate."""
        inputs = np.stack([self._given.of(samples) for samples in sounds])
        (outputs,) = self._session.run(None, {self._session.get_inputs()[0].name: inputs})
        return self._given.scores(outputs)


def save_features(folder: Path, given: Features) -> None:
    """Write what is not the network."""
    (folder / INPUT).write_text(json.dumps(asdict(given)) + "\n", "utf-8")


def load(version: ModelVersion) -> LegacyKerasVoiceModel:
    """Read an artefact that ``scripts.import_legacy`` wrote; never imports TensorFlow."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(version.folder / NETWORK), options, providers=["CPUExecutionProvider"])
    given = json.loads((version.folder / INPUT).read_text("utf-8"))
    return LegacyKerasVoiceModel(version, session, Features(**{**given, "shape": tuple(given["shape"])}))
