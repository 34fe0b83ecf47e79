"""Several channels to one without losing a speaker."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_MEMORY = 0.98  # of the running products, per part of about 20..60 ms
_ANTI_PHASE = -0.5  # correlation with the first channel below which a channel is turned over


class Mixdown:
    """Mean of the channels; one in anti-phase (crossed wires) is turned over so that it cannot cancel.

    Call recorders put each side on its own channel: uncorrelated, hence a plain mean.
    """

    def __init__(self) -> None:
        self._products = np.zeros((0, 2))  # running (cross, power) of each channel against the first
        self._signs = np.zeros(0)

    def __call__(self, part: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the mono mix of ``part``: (channels, n) to (n,), float32."""
        mono: NDArray[np.float32]
        if len(part) == 1:
            mono = part[0]
            return mono
        signs = self._turn(part)
        ramp = np.linspace(0.0, 1.0, part.shape[1])  # a sign never jumps inside the audio: no click
        weights = self._signs[:, None] + (signs - self._signs)[:, None] * ramp
        self._signs = signs
        mono = np.mean(part * weights, axis=0).astype(np.float32)
        return mono

    def _turn(self, part: NDArray[np.float32]) -> NDArray[np.float64]:
        wide = part.astype(np.float64)
        power = np.sum(wide**2, axis=1)
        now = np.stack([wide @ wide[0], np.sqrt(power * power[0])], axis=1)
        if len(self._products) != len(part):
            self._products = now
            self._signs = self._decide(np.ones(len(part)))
        else:
            self._products = _MEMORY * self._products + now
        return self._decide(self._signs)

    def _decide(self, before: NDArray[np.float64]) -> NDArray[np.float64]:
        """Keep a sign until the evidence is clear; silence is no evidence."""
        cross, power = self._products.T
        correlation = cross / np.maximum(power, 1e-12)
        return np.where(correlation < _ANTI_PHASE, -1.0, np.where(correlation > 0.0, 1.0, before))
