"""The served voice models: windows → features → ONNX → calibrated scores. No TensorFlow, no librosa."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.types import SAMPLE_RATE_HZ, Thresholds, VoiceWindow
from models.protocols import HeardWindow
from models.voice.calibration import Calibration, logit, sigmoid
from models.voice.features import WINDOW_S, features
from models.voice.windows import cut, speech_windows

_BATCH = 32
ALONE = "mfcc"
"""Name of the only member of a model that is no ensemble: all of them began as MFCC networks."""
Logits = NDArray[np.float64]


class Judged(NamedTuple):
    """Logits (n,) of windows before calibration, and those (n,) of each member on its own calibrated line."""

    logits: Logits
    members: Mapping[str, Logits] = {}


class WindowModel(ABC):
    """Implements ``models.protocols.VoiceModel``; memory is bound by one batch of windows."""

    def __init__(self, version: str, thresholds: Thresholds, calibration: Calibration) -> None:
        self._version, self._thresholds, self._calibration = version, thresholds, calibration

    @property
    def version(self) -> str:
        """Version name in the registry."""
        return self._version

    @property
    def thresholds(self) -> Thresholds:
        """Grade borders chosen on held-out speakers."""
        return self._thresholds

    def score_windows(self, samples: NDArray[np.float32]) -> tuple[HeardWindow, ...]:
        """Return the scored speech windows of ``samples`` (mono, 16 kHz, float32 in -1..1).

        Silence, steady noise and tones give an empty tuple, and so does less than one window.
        """
        starts = speech_windows(samples)
        scored: list[HeardWindow] = []
        for i in range(0, len(starts), _BATCH):
            batch = starts[i : i + _BATCH]
            found = self.judge(cut(samples, batch))
            scores = self._calibration.window_scores(found.logits)
            by_member = {name: sigmoid(logits) for name, logits in found.members.items()}
            for place, (start, score) in enumerate(zip(batch, scores, strict=True)):
                start_s = start / SAMPLE_RATE_HZ
                members = {name: float(own[place]) for name, own in by_member.items()}
                scored.append(HeardWindow(start_s, start_s + WINDOW_S, float(score), members))
        return tuple(scored)

    def score_call(self, windows: Sequence[VoiceWindow]) -> float:
        """Return the calibrated score 0..1 of a call from all its speech windows.

        Raises:
            ValueError: when there is no window.
        """
        if not windows:
            raise ValueError("a call without speech windows has no voice score")
        return self._calibration.call_score([window.score for window in windows])

    def member_scores(self, windows: Sequence[HeardWindow]) -> Mapping[str, float]:
        """Return what each member says of the call by itself, 0..1: its mean logit over the windows, at least one."""
        if not all(window.members for window in windows):
            return {ALONE: self.score_call(windows)}
        return {name: float(sigmoid(np.mean(logit([w.members[name] for w in windows])))) for name in windows[0].members}

    @abstractmethod
    def judge(self, windows: NDArray[np.float32]) -> Judged:
        """Return what is heard in windows (n, WINDOW_SAMPLES)."""


class MfccVoiceModel(WindowModel):
    """One network over MFCC: the first type."""

    def __init__(self, version: str, thresholds: Thresholds, session: Any, calibration: Calibration) -> None:
        super().__init__(version, thresholds, calibration)
        self._session = session
        self._input = session.get_inputs()[0].name

    def judge(self, windows: NDArray[np.float32]) -> Judged:
        """Return what is heard in windows (n, WINDOW_SAMPLES)."""
        return Judged(self.logits(features(windows)))

    def logits(self, mfcc: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the network's raw output, shape (n,), for features of shape (n, N_FRAMES, N_MFCC)."""
        (output,) = self._session.run(None, {self._input: mfcc})
        return np.asarray(output, dtype=np.float64)[:, 0]
