"""Attacks on the spectrum: phase guessed again, robots, rings and whispers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.types import SAMPLE_RATE_HZ
from models.voice.attacks.kinds import Altered, Samples

FRAME_S = 0.02
LPC_ORDER = 18  # two poles per formant up to 8 kHz and two for the tilt


def griffin_lim(samples: Samples, rng: np.random.Generator) -> Altered:
    """Throw the phase away and guess it again."""
    n_fft, iterations = int(rng.choice((512, 1024, 2048))), int(rng.integers(8, 64))
    return Altered(
        _phase_guessed(_magnitude(samples, n_fft), n_fft, iterations, len(samples)), _drawn(n_fft, iterations)
    )


def griffin_lim_mel(samples: Samples, rng: np.random.Generator) -> Altered:
    """Also throw away what a mel spectrogram does not keep: the simplest back end of a speech synthesiser."""
    import librosa

    n_fft, iterations, n_mels = 1024, int(rng.integers(16, 64)), int(rng.choice((64, 80, 128)))
    magnitude = _magnitude(samples, n_fft)
    basis = librosa.filters.mel(sr=SAMPLE_RATE_HZ, n_fft=n_fft, n_mels=n_mels)
    smooth = np.maximum(np.linalg.pinv(basis) @ (basis @ magnitude), 0.0).astype(np.float32)
    return Altered(_phase_guessed(smooth, n_fft, iterations, len(samples)), _drawn(n_fft, iterations, n_mels=n_mels))


def robot(samples: Samples, rng: np.random.Generator) -> Altered:
    """Set every phase to zero, which pins the pitch to the frame rate."""
    import librosa

    n_fft = int(rng.choice((512, 1024)))
    hop = int(rng.integers(80, 200))
    spectrum = np.abs(librosa.stft(samples, n_fft=n_fft, hop_length=hop)).astype(np.complex64)
    made = librosa.istft(spectrum, hop_length=hop, length=len(samples))
    return Altered(np.asarray(made, np.float32), {"n_fft": n_fft, "pitch_hz": round(SAMPLE_RATE_HZ / hop, 1)})


def ring_modulation(samples: Samples, rng: np.random.Generator) -> Altered:
    """Multiply by a tone, wholly or in part."""
    hz, depth = round(float(rng.uniform(25.0, 160.0)), 1), round(float(rng.uniform(0.6, 1.0)), 2)
    tone = np.sin(2.0 * np.pi * hz * np.arange(len(samples)) / SAMPLE_RATE_HZ)
    made = samples * (1.0 - depth + depth * tone)
    return Altered(made.astype(np.float32), {"hz": hz, "depth": depth})


def frequency_shift(samples: Samples, rng: np.random.Generator) -> Altered:
    """Move every frequency by the same number of hertz, so that harmonics stop being harmonic."""
    from scipy.signal import hilbert

    hz = round(float(rng.uniform(20.0, 120.0)) * float(rng.choice((-1.0, 1.0))), 1)
    turn = np.exp(2j * np.pi * hz * np.arange(len(samples)) / SAMPLE_RATE_HZ)
    return Altered(np.real(hilbert(samples) * turn).astype(np.float32), {"hz": hz})


def vibrato_chorus(samples: Samples, rng: np.random.Generator) -> Altered:
    """Read the voice from a wavering delay line, with or without the voice itself."""
    rate_hz, depth_ms = float(rng.uniform(3.0, 9.0)), float(rng.uniform(0.6, 2.5))
    dry = round(float(rng.choice((0.0, 0.5))), 2)
    at = np.arange(len(samples), dtype=np.float64)
    delay = depth_ms * SAMPLE_RATE_HZ / 1000.0 * (1.0 + np.sin(2.0 * np.pi * rate_hz * at / SAMPLE_RATE_HZ))
    wet = np.interp(at - delay, at, samples)
    made = dry * samples + (1.0 - dry) * wet
    return Altered(made.astype(np.float32), {"rate_hz": round(rate_hz, 2), "depth_ms": round(depth_ms, 2), "dry": dry})


def lpc_vocoder(samples: Samples, rng: np.random.Generator) -> Altered:
    """Speak the vocal-tract filter with a pulse train of the voice's own or of a fixed pitch."""
    import pyworld

    fixed = float(rng.choice((0.0, rng.uniform(80.0, 220.0))))
    hop = round(FRAME_S * SAMPLE_RATE_HZ / 2)
    f0, _ = pyworld.dio(samples.astype(np.float64), SAMPLE_RATE_HZ, frame_period=1000.0 * FRAME_S / 2)
    if fixed:
        f0 = np.where(f0 > 0.0, fixed, 0.0)
    per_sample = np.repeat(f0, hop)[: len(samples)]
    per_sample = np.pad(per_sample, (0, len(samples) - len(per_sample)))
    phase = np.cumsum(per_sample / SAMPLE_RATE_HZ)
    pulses = np.diff(np.floor(phase), prepend=0.0) * np.sqrt(SAMPLE_RATE_HZ / np.maximum(per_sample, 60.0))
    source = np.where(per_sample > 0.0, pulses, rng.standard_normal(len(samples)))
    return Altered(_through_tract(samples, source), {"pitch_hz": round(fixed, 1)})


def whisper(samples: Samples, rng: np.random.Generator) -> Altered:
    """Speak the vocal-tract filter with noise, over a rest of the voice."""
    rest = round(float(rng.uniform(0.0, 0.25)), 2)
    made = _through_tract(samples, rng.standard_normal(len(samples)))
    return Altered((made + rest * samples).astype(np.float32), {"rest": rest})


def _through_tract(samples: Samples, source: NDArray[np.float64]) -> Samples:
    """Filter ``source`` by the linear prediction of each frame of ``samples``, with the frame's energy."""
    import librosa
    from scipy.signal import lfilter

    size = round(FRAME_S * SAMPLE_RATE_HZ)
    hop, window = size // 2, np.hanning(size)
    made = np.zeros(len(samples))
    for start in range(0, len(samples) - size, hop):
        frame = samples[start : start + size].astype(np.float64) * window
        energy = float(np.sum(frame**2))
        if energy < 1e-7:
            continue
        spoken = lfilter([1.0], librosa.lpc(frame + 1e-6, order=LPC_ORDER), source[start : start + size]) * window
        made[start : start + size] += spoken * np.sqrt(energy / (float(np.sum(spoken**2)) + 1e-9))
    return made.astype(np.float32)


def _magnitude(samples: Samples, n_fft: int) -> NDArray[np.float32]:
    import librosa

    return np.asarray(np.abs(librosa.stft(samples, n_fft=n_fft)), np.float32)


def _phase_guessed(magnitude: NDArray[np.float32], n_fft: int, iterations: int, length: int) -> Samples:
    import librosa

    signal = librosa.griffinlim(magnitude, n_iter=iterations, n_fft=n_fft, length=length, random_state=iterations)
    return np.asarray(signal, np.float32)


def _drawn(n_fft: int, iterations: int, **more: int) -> dict[str, int]:
    return {"n_fft": n_fft, "iterations": iterations} | more
