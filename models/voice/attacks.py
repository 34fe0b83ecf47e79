"""Altered voices for training and evaluation, made from genuine speech. Never imported by the server."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.types import SAMPLE_RATE_HZ

Samples = NDArray[np.float32]

FAMILIES = {
    "world_resynth": "world",
    "world_pitch": "world",
    "world_formant": "world",
    "world_pitch_formant": "world",
    "phase_vocoder": "phase_vocoder",
    "griffin_lim": "griffin_lim",
    "griffin_lim_mel": "griffin_lim",
}
"""Attack -> family; a family is left out as a whole when we ask what happens with a tool never seen."""

PITCH_SEMITONES = (2.0, 3.0, 4.0, 5.0, 6.0)
FORMANT_RATIOS = (0.80, 0.86, 0.92, 1.09, 1.16, 1.25)
PHASE_VOCODER_SEMITONES = (1.0, 2.0, 3.0, 4.0, 5.0)
GRIFFIN_LIM_ITERATIONS = (16, 32)
GRIFFIN_LIM_FFT, GRIFFIN_LIM_MELS = 1024, 80


@dataclass(frozen=True, slots=True)
class WorldParts:
    """WORLD's analysis of a voice: pitch (frames,), envelope and aperiodicity (frames, bins), float64."""

    f0: NDArray[np.float64]
    envelope: NDArray[np.float64]
    aperiodicity: NDArray[np.float64]


def alter(attack: str, samples: Samples, rng: np.random.Generator, *, world: WorldParts | None = None) -> Samples:
    """Return ``samples`` (mono, 16 kHz, float32) put through ``attack`` at a depth drawn from ``rng``.

    ``world`` saves analysing the same voice again.

    Raises:
        KeyError: when there is no such attack.
    """
    family = FAMILIES[attack]
    if family == "phase_vocoder":
        return phase_vocoder(samples, _signed(rng, PHASE_VOCODER_SEMITONES))
    if family == "griffin_lim":
        return griffin_lim(samples, int(rng.choice(GRIFFIN_LIM_ITERATIONS)), mel=attack == "griffin_lim_mel")
    semitones = _signed(rng, PITCH_SEMITONES) if "pitch" in attack else 0.0
    ratio = float(rng.choice(FORMANT_RATIOS)) if "formant" in attack else 1.0
    return world_synthesis(world or world_analysis(samples), semitones=semitones, formant_ratio=ratio)


def world_analysis(samples: Samples) -> WorldParts:
    """Take a voice apart with DIO, StoneMask, CheapTrick and D4C."""
    import pyworld

    signal = samples.astype(np.float64)
    coarse, times = pyworld.dio(signal, SAMPLE_RATE_HZ)
    f0 = pyworld.stonemask(signal, coarse, times, SAMPLE_RATE_HZ)
    envelope = pyworld.cheaptrick(signal, f0, times, SAMPLE_RATE_HZ)
    return WorldParts(f0, envelope, pyworld.d4c(signal, f0, times, SAMPLE_RATE_HZ))


def world_synthesis(parts: WorldParts, *, semitones: float = 0.0, formant_ratio: float = 1.0) -> Samples:
    """Put a voice together again: pitch moved by ``semitones``, formants multiplied by ``formant_ratio``."""
    import pyworld

    envelope = parts.envelope if formant_ratio == 1.0 else _warp(parts.envelope, formant_ratio)
    signal = pyworld.synthesize(parts.f0 * 2.0 ** (semitones / 12.0), envelope, parts.aperiodicity, SAMPLE_RATE_HZ)
    return np.asarray(signal, dtype=np.float32)


def phase_vocoder(samples: Samples, semitones: float) -> Samples:
    """Shift pitch and formants together by time-stretching and resampling."""
    import librosa

    shifted = librosa.effects.pitch_shift(samples, sr=SAMPLE_RATE_HZ, n_steps=semitones, res_type="soxr_mq")
    return np.asarray(shifted, dtype=np.float32)


def griffin_lim(samples: Samples, iterations: int, *, mel: bool = False) -> Samples:
    """Throw the phase away and guess it again; ``mel`` also throws away what a mel spectrogram does not keep."""
    import librosa

    magnitude = np.abs(librosa.stft(samples, n_fft=GRIFFIN_LIM_FFT))
    if mel:
        basis = librosa.filters.mel(sr=SAMPLE_RATE_HZ, n_fft=GRIFFIN_LIM_FFT, n_mels=GRIFFIN_LIM_MELS)
        magnitude = np.maximum(np.linalg.pinv(basis) @ (basis @ magnitude), 0.0).astype(np.float32)
    signal = librosa.griffinlim(
        magnitude, n_iter=iterations, n_fft=GRIFFIN_LIM_FFT, length=len(samples), random_state=iterations
    )
    return np.asarray(signal, dtype=np.float32)


def _warp(envelope: NDArray[np.float64], ratio: float) -> NDArray[np.float64]:
    """Stretch every spectral envelope along frequency by ``ratio``."""
    bins = envelope.shape[1]
    source = np.clip(np.arange(bins) / ratio, 0.0, bins - 1.0)
    low = np.minimum(source.astype(np.int64), bins - 2)
    part = source - low
    return np.ascontiguousarray(envelope[:, low] * (1.0 - part) + envelope[:, low + 1] * part)


def _signed(rng: np.random.Generator, depths: tuple[float, ...]) -> float:
    return float(rng.choice(depths)) * float(rng.choice((-1.0, 1.0)))
