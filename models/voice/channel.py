"""The way a voice takes to the recording: room, handset, noise, level, codec.

Genuine and altered speech draw from the same distribution, otherwise a model learns the line instead of
the voice. The draw is wide on purpose: what is not varied here will be mistaken for an alteration later.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.types import SAMPLE_RATE_HZ
from models.voice.codecs import CODECS, through

Samples = NDArray[np.float32]

PRIOR_CODECS = ("aac16", "mp3", "opus")
"""What a voice may have passed before the telephone: a recording, a messenger, a video platform."""


@dataclass(frozen=True, slots=True)
class Line:
    """One draw of everything between mouth and file."""

    codec: str
    prior: str | None = None
    reverb_s: float = 0.0
    tilt_db: float = 0.0
    snr_db: float = 60.0
    noise_slope: float = 0.0
    peak: float = 0.5
    seed: int = 0


def draw_line(rng: np.random.Generator, codec: str | None = None) -> Line:
    """Draw a line; ``codec`` fixes the last codec."""
    return Line(
        codec=codec or str(rng.choice(list(CODECS))),
        prior=str(rng.choice(PRIOR_CODECS)) if rng.random() < 0.35 else None,
        reverb_s=float(rng.uniform(0.08, 0.7)) if rng.random() < 0.5 else 0.0,
        tilt_db=float(rng.uniform(-8.0, 8.0)),
        snr_db=float(rng.uniform(12.0, 50.0)),
        noise_slope=float(rng.uniform(0.0, 1.0)),
        peak=float(10.0 ** rng.uniform(-1.3, -0.05)),
        seed=int(rng.integers(2**31)),
    )


def carry(line: Line, samples: Samples) -> Samples:
    """Return ``samples`` (mono, 16 kHz, float32) as they arrive over ``line``; the length may change a little."""
    rng = np.random.default_rng(line.seed)
    signal = samples
    if line.reverb_s:
        signal = _room(signal, line.reverb_s, rng)
    signal = _tilt(signal, line.tilt_db)
    if line.prior:
        signal = through(line.prior, _scale(signal, 0.7))
    power = float(np.mean(signal**2)) + 1e-12
    noise = _noise(len(signal), line.noise_slope, rng)
    signal = signal + noise * np.float32(np.sqrt(power * 10.0 ** (-line.snr_db / 10.0)))
    return through(line.codec, _scale(signal, line.peak))


def _scale(signal: Samples, peak: float) -> Samples:
    return np.asarray(signal * np.float32(peak / (float(np.abs(signal).max()) + 1e-9)), dtype=np.float32)


def _room(signal: Samples, reverb_s: float, rng: np.random.Generator) -> Samples:
    """Convolve with exponentially decaying noise behind a direct sound; ``reverb_s`` is the 60-dB decay time."""
    length = int(reverb_s * SAMPLE_RATE_HZ)
    decay = np.exp(-6.9 * np.arange(length) / length)
    response = rng.standard_normal(length) * decay
    response *= rng.uniform(0.15, 0.8) / (np.sqrt(np.sum(response**2)) + 1e-9)
    response[0] += 1.0
    size = 1 << (len(signal) + length - 1).bit_length()
    wet = np.fft.irfft(np.fft.rfft(signal, size) * np.fft.rfft(response, size), size)
    return np.asarray(wet[: len(signal)], dtype=np.float32)


def _tilt(signal: Samples, tilt_db: float) -> Samples:
    """Tilt the spectrum by ``tilt_db`` per decade around 1 kHz, as handsets and microphones do."""
    spectrum = np.fft.rfft(signal)
    hz = np.maximum(np.fft.rfftfreq(len(signal), 1.0 / SAMPLE_RATE_HZ), 50.0)
    gain = 10.0 ** (tilt_db * np.log10(hz / 1000.0) / 20.0)
    return np.asarray(np.fft.irfft(spectrum * gain, len(signal)), dtype=np.float32)


def _noise(length: int, slope: float, rng: np.random.Generator) -> Samples:
    """Return noise of unit power, white (``slope`` 0) to pink (1)."""
    spectrum = np.fft.rfft(rng.standard_normal(length))
    spectrum /= np.maximum(np.arange(len(spectrum)), 1.0) ** (slope / 2.0)
    noise = np.fft.irfft(spectrum, length)
    return np.asarray(noise / (noise.std() + 1e-12), dtype=np.float32)
