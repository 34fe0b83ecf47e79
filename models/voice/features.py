"""The one feature function of the voice model: telephone-band MFCC, used by training and serving alike.

The numbers are those of ``librosa.feature.mfcc`` (Slaney mel scale and norm, orthonormal DCT-II), and a
test compares them; the arithmetic is done here because importing librosa's transforms compiles numba
code for 14 to 20 s on a machine that has not run it before, longer than a server may take to be ready.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from core.types import SAMPLE_RATE_HZ

FMIN_HZ, FMAX_HZ = 250.0, 3400.0  # what every telephone codec passes; nothing outside may decide
N_FFT = 512  # 32 ms
HOP = N_FFT // 2  # 16 ms
N_FRAMES = 188
WINDOW_SAMPLES = N_FFT + (N_FRAMES - 1) * HOP  # 48,384
WINDOW_S = WINDOW_SAMPLES / SAMPLE_RATE_HZ  # 3.024 s: a little over the 3 s of speech a verdict needs
N_MELS = 40
N_MFCC = 30  # enough to keep the fine ripple of the harmonics, in which resynthesis shows
DYNAMIC_RANGE_NEPER = 9.0  # 39 dB under the loudest cell of the window; hides codec-made silence
_BATCH = 16  # windows transformed at once: about 25 MB

_LINEAR_HZ_PER_MEL = 200.0 / 3.0  # Slaney: linear up to 1 kHz, then logarithmic
_BREAK_HZ = 1000.0
_BREAK_MEL = _BREAK_HZ / _LINEAR_HZ_PER_MEL
_LOG_STEP = np.log(6.4) / 27.0


def features(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the normalised MFCC of windows of shape (n, WINDOW_SAMPLES), 16 kHz, as (n, N_FRAMES, N_MFCC).

    Each coefficient has mean zero over its window, which removes the level and every fixed
    frequency response (handset, codec); cells quieter than the floor under the loudest are raised to it.

    Raises:
        ValueError: when a window has another length.
    """
    if windows.ndim != 2 or windows.shape[1] != WINDOW_SAMPLES:
        raise ValueError(f"expected windows of {WINDOW_SAMPLES} samples, got shape {windows.shape}")
    parts = [_transform(windows[i : i + _BATCH]) for i in range(0, len(windows), _BATCH)]
    return np.concatenate(parts) if parts else np.zeros((0, N_FRAMES, N_MFCC), np.float32)


def mel_power(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mel power spectrum of ``windows`` (n, samples) as (n, frames, N_MELS); no padding."""
    frames = np.lib.stride_tricks.sliding_window_view(windows, N_FFT, axis=1)[:, ::HOP]
    spectrum = np.fft.rfft(frames * _hann(), axis=2)
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    return power @ mel_filters().T


@cache
def mel_filters() -> NDArray[np.float32]:
    """Return the triangular filters, shape (N_MELS, 1 + N_FFT / 2), area-normalised."""
    return triangles(FMIN_HZ, FMAX_HZ, N_MELS, N_FFT)


def triangles(low_hz: float, high_hz: float, count: int, n_fft: int) -> NDArray[np.float32]:
    """Return ``count`` triangular filters of equal area, evenly spaced in mel: (count, 1 + n_fft / 2)."""
    edges_hz = _hz(np.linspace(_mel(low_hz), _mel(high_hz), count + 2))
    bins_hz = np.arange(1 + n_fft // 2) * SAMPLE_RATE_HZ / n_fft
    low, centre, high = (edges_hz[i : i + count, None] for i in range(3))
    rising, falling = (bins_hz - low) / (centre - low), (high - bins_hz) / (high - centre)
    shapes = np.maximum(0.0, np.minimum(rising, falling))
    return np.asarray(shapes * (2.0 / (high - low)), dtype=np.float32)


@cache
def dct_matrix() -> NDArray[np.float32]:
    """Return the orthonormal DCT-II, shape (N_MELS, N_MFCC)."""
    angle = np.pi / N_MELS * (np.arange(N_MELS)[:, None] + 0.5) * np.arange(N_MFCC)
    matrix = np.cos(angle) * np.sqrt(2.0 / N_MELS)
    matrix[:, 0] /= np.sqrt(2.0)
    return np.asarray(matrix, dtype=np.float32)


def _transform(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    log_mel = np.log(np.maximum(mel_power(windows), 1e-20))
    log_mel = np.maximum(log_mel, log_mel.max(axis=(1, 2), keepdims=True) - DYNAMIC_RANGE_NEPER)
    mfcc = log_mel @ dct_matrix()
    return np.asarray(mfcc - mfcc.mean(axis=1, keepdims=True), dtype=np.float32)


@cache
def _hann() -> NDArray[np.float32]:
    return np.asarray(0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(N_FFT) / N_FFT), dtype=np.float32)


def _mel(hz: float) -> float:
    if hz < _BREAK_HZ:
        return hz / _LINEAR_HZ_PER_MEL
    return _BREAK_MEL + float(np.log(hz / _BREAK_HZ) / _LOG_STEP)


def _hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    linear = mel * _LINEAR_HZ_PER_MEL
    return np.where(mel < _BREAK_MEL, linear, _BREAK_HZ * np.exp(_LOG_STEP * (mel - _BREAK_MEL)))
