"""What linear prediction leaves over: the excitation of a voice, made by a larynx or by a vocoder."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.types import SAMPLE_RATE_HZ
from models.voice.features import FMAX_HZ, FMIN_HZ, HOP, N_FFT, WINDOW_SAMPLES

Array = NDArray[np.float32]

RATE_HZ = SAMPLE_RATE_HZ // 2  # the telephone band needs no more
FRAME, STEP = N_FFT // 2, HOP // 2  # the same 32 and 16 ms
ORDER = 10  # two poles for each of four formants below 4 kHz, two for the slope
WHITENING = 1e-3  # of the power: what the band edges leave empty must not make the equations singular
PITCH_HZ = (60.0, 400.0)
N_TRACKS = 7


def residual_tracks(windows: Array, frames: int) -> Array:
    """Return tracks (n, frames, N_TRACKS) of windows (n, WINDOW_SAMPLES).

    Prediction gain (log), skewness, log kurtosis and log crest of the residual, its strongest autocorrelation in the
    range of pitch, that of the Hilbert envelope's (how pulse-like), and log pitch period (octaves).
    """
    narrow = narrowband(windows)
    cut = np.lib.stride_tricks.sliding_window_view(narrow, FRAME, axis=1)[:, ::STEP][:, :frames]
    weighted = cut * np.hanning(FRAME).astype(np.float32)
    correlation = _autocorrelation(weighted)
    whitener = predictor(correlation[..., : ORDER + 1])
    size = 2 * FRAME
    spectrum = np.fft.rfft(weighted, size) * np.fft.rfft(whitener, size)
    rest = np.fft.irfft(spectrum, size)[..., :FRAME]
    rest = rest - rest.mean(axis=-1, keepdims=True)
    spread = rest.std(axis=-1) + 1e-9
    unit = rest / spread[..., None]
    square = unit * unit  # numpy raises to a power many times slower
    gain = np.log((weighted.std(axis=-1) + 1e-9) / spread)
    pitch, period = _pitch(_autocorrelation(rest))
    envelope = np.abs(unit)
    pulses, _ = _pitch(_autocorrelation(envelope - envelope.mean(axis=-1, keepdims=True)))
    kurtosis, crest = np.log((square * square).mean(axis=-1) + 1e-6), np.log(envelope.max(axis=-1) + 1e-6)
    tracks = (gain, (square * unit).mean(axis=-1), kurtosis, crest, pitch, pulses, np.log2(period))
    return np.asarray(np.stack(tracks, axis=2), np.float32)


def narrowband(windows: Array) -> Array:
    """Return windows (n, WINDOW_SAMPLES) at RATE_HZ with nothing outside the telephone band, (n, half)."""
    spectrum = np.fft.rfft(windows, axis=1)
    hz = np.arange(spectrum.shape[1]) * SAMPLE_RATE_HZ / WINDOW_SAMPLES
    spectrum[:, (hz < FMIN_HZ) | (hz > FMAX_HZ)] = 0.0
    half = WINDOW_SAMPLES // 2
    return np.asarray(np.fft.irfft(spectrum[:, : half // 2 + 1], half, axis=1), np.float32)


def predictor(correlation: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return whitening filters (…, ORDER + 1), first tap one, of autocorrelations of that shape: Levinson-Durbin."""
    r = correlation.astype(np.float64).copy()
    r[..., 0] = r[..., 0] * (1.0 + WHITENING) + 1e-12
    taps = np.zeros_like(r)
    taps[..., 0] = 1.0
    error = r[..., 0].copy()
    for i in range(1, r.shape[-1]):
        reflection = -(taps[..., :i] * r[..., i:0:-1]).sum(axis=-1) / error
        taps[..., 1 : i + 1] += reflection[..., None] * taps[..., i - 1 :: -1][..., :i]
        error *= 1.0 - reflection**2
    return taps


def _autocorrelation(frames: NDArray[np.floating]) -> NDArray[np.float64]:
    spectrum = np.fft.rfft(frames, 2 * FRAME)
    return np.asarray(np.fft.irfft(spectrum.real**2 + spectrum.imag**2)[..., :FRAME])


def _pitch(correlation: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the highest normalised autocorrelation within the range of pitch, and its lag in samples."""
    shortest, longest = (round(RATE_HZ / hz) for hz in reversed(PITCH_HZ))
    longest = min(longest, FRAME - 1)
    inside = correlation[..., shortest : longest + 1]
    best = inside.argmax(axis=-1)
    peak = np.take_along_axis(inside, best[..., None], axis=-1)[..., 0]
    return peak / (correlation[..., 0] + 1e-12), (best + shortest).astype(np.float64)
