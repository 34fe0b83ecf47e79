"""Speech-like sound made from nothing: a buzzing source through moving resonances, in syllables."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16_000


def speech_like(seconds: float, seed: int = 0) -> NDArray[np.float32]:
    """Return float32 mono 16 kHz, shape (seconds * 16,000,): syllables of 0.2 s with short rests."""
    rng = np.random.default_rng(seed)
    out = 0.001 * rng.standard_normal(int(seconds * RATE_HZ))
    length, position = int(0.2 * RATE_HZ), 0
    while position + length < len(out):
        time = np.arange(length) / RATE_HZ
        pitch = rng.uniform(90.0, 160.0) * (1.0 + 0.2 * rng.standard_normal() * time)
        formants = np.sort(rng.uniform([300, 900, 2_200], [800, 2_000, 3_000]))
        phase = 2.0 * np.pi * np.cumsum(pitch) / RATE_HZ
        voice = np.zeros(length)
        for harmonic in range(2, 30):
            gain = np.sum(1.0 / (1.0 + ((harmonic * pitch.mean() - formants) / 120.0) ** 2))
            voice += gain * np.sin(harmonic * phase)
        out[position : position + length] += 0.05 * voice * np.hanning(length)
        position += length + int(rng.choice([0, 0, 1_600, 4_800]))
    return out.astype(np.float32)
