"""What the pipeline expects of a model. Implementations live in ``models.text`` and ``models.voice``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.types import Evidence, Thresholds


class TextModel(Protocol):
    """Scores Korean transcripts."""

    @property
    def version(self) -> str:
        """Version name in the registry."""
        ...

    @property
    def thresholds(self) -> Thresholds:
        """Grade borders chosen on held-out sources."""
        ...

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the calibrated scam probability of each text, shape (n,), 0..1."""
        ...

    def explain(self, text: str, *, top: int = 8) -> tuple[Evidence, ...]:
        """Return the strongest pieces of ``text`` for its score, strongest first."""
        ...


class VoiceModel(Protocol):
    """Scores speech for signs of voice changing or synthesis."""

    @property
    def version(self) -> str:
        """Version name in the registry."""
        ...

    @property
    def thresholds(self) -> Thresholds:
        """Grade borders chosen on held-out speakers."""
        ...

    @property
    def window_s(self) -> float:
        """Length of one window in seconds."""
        ...

    def score_windows(self, windows: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the score 0..1 of each window; ``windows`` is (n, window_s * 16000) mono float32 in -1..1."""
        ...

    def score_call(self, window_scores: NDArray[np.float64]) -> float:
        """Return the calibrated score 0..1 of a call from the scores of its speech windows, shape (n,), n >= 1."""
        ...
