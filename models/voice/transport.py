"""What a line does to a signal besides coding it: levels, overload, clean-up, other rates, lost packets."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.types import SAMPLE_RATE_HZ

Samples = NDArray[np.float32]

PACKET_S = 0.02
ODD_RATES_HZ = (6000, 7350, 8000, 9600, 11_025, 12_000, 22_050, 32_000, 44_100, 48_000)


def scaled(samples: Samples, peak: float) -> Samples:
    """Return ``samples`` (n,) with this peak."""
    return np.asarray(samples * np.float32(peak / (float(np.abs(samples).max()) + 1e-9)), dtype=np.float32)


def overdriven(samples: Samples, drive: float, *, soft: bool) -> Samples:
    """Return ``samples`` pushed ``drive`` times over full scale: rounded (``soft``) or cut off."""
    pushed = scaled(samples, drive)
    return np.asarray(np.tanh(pushed) if soft else np.clip(pushed, -1.0, 1.0), dtype=np.float32)


def levelled(samples: Samples, strength: float, memory_s: float) -> Samples:
    """Return ``samples`` through an automatic gain: the level of ``memory_s`` is evened out by ``strength`` 0..1."""
    from scipy.signal import lfilter

    keep = float(np.exp(-1.0 / (memory_s * SAMPLE_RATE_HZ)))
    power = lfilter([1.0 - keep], [1.0, -keep], samples.astype(np.float64) ** 2)
    floor = 0.03 * float(np.mean(samples.astype(np.float64) ** 2)) + 1e-12  # pauses are not pulled up without end
    return np.asarray(samples * (power + floor) ** (-strength / 2.0), dtype=np.float32)


def cleaned(samples: Samples, depth_db: float) -> Samples:
    """Return ``samples`` through a noise suppressor: bins near their own floor are pulled down by ``depth_db``."""
    from scipy.signal import istft, stft

    _, _, spectrum = stft(samples, SAMPLE_RATE_HZ, nperseg=512)
    magnitude = np.abs(spectrum)
    floor = np.percentile(magnitude, 20.0, axis=1, keepdims=True) + 1e-9
    gain = np.clip(1.0 - 2.0 * (floor / (magnitude + 1e-9)) ** 2, 10.0 ** (-depth_db / 20.0), 1.0)
    return np.asarray(istft(spectrum * gain, SAMPLE_RATE_HZ, nperseg=512)[1][: len(samples)], dtype=np.float32)


def detoured(samples: Samples, rate_hz: int) -> Samples:
    """Return ``samples`` resampled to ``rate_hz`` and back."""
    import soxr

    away = soxr.resample(samples, SAMPLE_RATE_HZ, rate_hz)
    return np.asarray(soxr.resample(away, rate_hz, SAMPLE_RATE_HZ), dtype=np.float32)


def lossy(samples: Samples, share: float, rng: np.random.Generator) -> Samples:
    """Return ``samples`` with a ``share`` of 20-ms packets lost in bursts; the last packet is repeated, fading."""
    size = round(PACKET_S * SAMPLE_RATE_HZ)
    packets = len(samples) // size
    heard = samples[: packets * size].reshape(packets, size).copy()
    burst = float(rng.uniform(1.0, 4.0))
    lost, fade = False, 1.0
    for i in range(1, packets):
        lost = rng.random() < (1.0 - 1.0 / burst if lost else share / burst / max(1.0 - share, 0.1))
        fade = fade * 0.5 if lost else 1.0
        if lost:
            heard[i] = heard[i - 1] * np.float32(fade)
    return np.concatenate((heard.ravel(), samples[packets * size :]))
