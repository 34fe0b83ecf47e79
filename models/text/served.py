"""What the served models have in common: windows in, calibrated probabilities and evidence out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.types import Evidence, Thresholds
from models.text.calibration import Calibration
from models.text.normalise import normalise
from models.text.windows import windows

AT_ONCE = 512
"""Windows that are scored together: all sentences of a call are, thousands of calls would need a gigabyte."""


class ServedTextModel(ABC):
    """A published model behind ``models.protocols.TextModel``; a type adds its windows, logits and contributions."""

    def __init__(self, calibration: Calibration, version: str, thresholds: Thresholds) -> None:
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
        parts = [self.parts(normalise(text)) for text in texts]
        if not parts:
            return np.zeros(0)
        flat = [part for call in parts for part in call]
        logits = np.concatenate([self.logits(flat[i : i + AT_ONCE]) for i in range(0, len(flat), AT_ONCE)])
        calls = np.split(logits, np.cumsum([len(call) for call in parts])[:-1])
        return np.array([self._calibration.probability(call) for call in calls], np.float64)

    def explain(self, text: str, *, top: int = 8) -> tuple[Evidence, ...]:
        """Return the pieces that moved the score most, strongest first, signed; overlapping ones once."""
        compact = normalise(text)
        return strongest(self.contributions(self.parts(compact)), top) if compact else ()

    def parts(self, compact: str) -> Sequence[Any]:
        """Return the overlapping windows of a normalised text, at least one; together they hold all of it."""
        return windows(compact) or [""]

    @abstractmethod
    def logits(self, parts: Sequence[Any]) -> NDArray[np.float64]:
        """Return the score of each window before calibration, shape (n,)."""

    @abstractmethod
    def contributions(self, parts: Sequence[Any]) -> Mapping[str, float]:
        """Return {piece of the text: what it adds to the logits of these windows}."""


def strongest(weights: Mapping[str, float], top: int) -> tuple[Evidence, ...]:
    """Return the ``top`` pieces by absolute weight; a piece inside a stronger one (or around it) is left out."""
    chosen: list[Evidence] = []
    for piece, weight in sorted(weights.items(), key=lambda item: (-abs(item[1]), item[0])):
        if len(chosen) == top:
            break
        if weight and not any(piece in seen.text or seen.text in piece for seen in chosen):
            chosen.append(Evidence(piece, float(weight)))
    return tuple(chosen)
