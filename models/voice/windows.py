"""Where in the sound is speech worth judging: windows of about 3 s, found by energy and by spectral richness."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.types import SAMPLE_RATE_HZ
from models.voice.features import FMAX_HZ, FMIN_HZ, WINDOW_SAMPLES

FRAME = 1024  # 64 ms: resolves two harmonics of a low voice
HOP = FRAME // 2  # 32 ms
WINDOW_FRAMES = (WINDOW_SAMPLES - FRAME) // HOP + 1  # whole frames inside a window

FLOOR_PERCENTILE = 10.0
ABOVE_FLOOR_DB = 9.0  # steady noise stays within a few dB of its own floor
QUIETEST_DB = -62.0  # band level re full scale; below it is silence on any line
MIN_ACTIVE_SHARE = 0.45
FLOOR_SPAN_S = 30.0  # the floor follows the call: a line may change its noise when someone is put through

RICH_SHARE = 0.9
MIN_RICH_BINS, MAX_RICH_BINS = 5.0, 100.0  # a ringing tone fills 4, white noise 120, talk 7 to 60
_BLOCK = 512  # frames transformed at once: 4 MB


def speech_windows(samples: NDArray[np.float32], *, step_s: float | None = None) -> list[int]:
    """Return the first samples of the windows of ``WINDOW_SAMPLES`` that hold mostly speech.

    A window counts when enough of its frames stand out of the adaptive noise floor and their energy is
    spread over more of the spectrum than that of tones and over less than that of noise.

    Args:
        samples: shape (n,), float32 in -1..1, mono, 16 kHz.
        step_s: distance of windows in seconds; by default they do not overlap.
    """
    if len(samples) < WINDOW_SAMPLES:
        return []
    level_db, rich = _frames(samples)
    active = _active(level_db)
    step = HOP * max(1, round((step_s * SAMPLE_RATE_HZ if step_s else WINDOW_SAMPLES) / HOP))
    starts, position = [], 0
    while position + WINDOW_SAMPLES <= len(samples):
        first = position // HOP
        inside = slice(first, first + WINDOW_FRAMES)
        if not active[first]:
            position += HOP
        elif _is_speech(active[inside], rich[inside]):
            starts.append(position)
            position += step
        else:
            position += 8 * HOP
    return starts


def cut(samples: NDArray[np.float32], starts: list[int]) -> NDArray[np.float32]:
    """Return the windows at ``starts``, shape (n, WINDOW_SAMPLES)."""
    if not starts:
        return np.zeros((0, WINDOW_SAMPLES), np.float32)
    return np.stack([samples[start : start + WINDOW_SAMPLES] for start in starts])


def _frames(samples: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return each frame's band level in dB re full scale and how many bins hold most of its energy."""
    view = np.lib.stride_tricks.sliding_window_view(samples, FRAME)[::HOP]
    low, high = (round(hz * FRAME / SAMPLE_RATE_HZ) for hz in (FMIN_HZ, FMAX_HZ))
    window = np.hanning(FRAME).astype(np.float32)
    scale = 2.0 / (window.sum() ** 2)
    levels, richness = [], []
    for start in range(0, len(view), _BLOCK):
        spectrum = np.fft.rfft(view[start : start + _BLOCK] * window, axis=1)[:, low : high + 1]
        power = spectrum.real**2 + spectrum.imag**2
        total = power.sum(axis=1)
        levels.append(10.0 * np.log10(scale * total + 1e-12))
        rising = np.cumsum(np.sort(power, axis=1)[:, ::-1], axis=1)
        richness.append(1 + (rising < RICH_SHARE * total[:, None]).sum(axis=1))
    return np.concatenate(levels), np.concatenate(richness)


def _active(level_db: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which frames stand out of the noise floor of their part of the call."""
    span = round(FLOOR_SPAN_S * SAMPLE_RATE_HZ / HOP)
    count = max(1, round(len(level_db) / span))
    parts = [
        part >= max(float(np.percentile(part, FLOOR_PERCENTILE)) + ABOVE_FLOOR_DB, QUIETEST_DB)
        for part in np.array_split(level_db, count)
    ]
    return np.concatenate(parts)


def _is_speech(active: NDArray[np.bool_], rich: NDArray[np.int64]) -> bool:
    if active.mean() < MIN_ACTIVE_SHARE:
        return False
    return bool(MIN_RICH_BINS <= np.median(rich[active]) <= MAX_RICH_BINS)
