"""Linear-frequency bands and cepstra: the fine ripple above 1 kHz that the mel scale smears."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from core.types import SAMPLE_RATE_HZ
from models.voice.features import FMAX_HZ, FMIN_HZ, HOP, N_FFT

N_BANDS = 48  # 64 Hz apart: two FFT bins
N_LFCC = 24


def spectra(windows: NDArray[np.float32]) -> NDArray[np.complex64]:
    """Return the spectra of windows (n, samples) as (n, frames, 1 + N_FFT / 2), Hann-weighted, no padding."""
    frames = np.lib.stride_tricks.sliding_window_view(windows, N_FFT, axis=1)[:, ::HOP]
    hann = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(N_FFT) / N_FFT)
    return np.asarray(np.fft.rfft(frames * hann.astype(np.float32), axis=2), np.complex64)


def linear_bands(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the power in triangular bands of equal width, (n, frames, N_BANDS)."""
    return power(spectra(windows)) @ linear_filters().T


def lfcc(bands: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return cepstra (…, N_LFCC) of log band powers (…, N_BANDS)."""
    return np.asarray(bands @ _dct(), np.float32)


def power(spectrum: NDArray[np.complex64]) -> NDArray[np.float32]:
    """Return the squared magnitude."""
    return np.asarray(spectrum.real**2 + spectrum.imag**2, np.float32)


@cache
def linear_filters() -> NDArray[np.float32]:
    """Return the triangles, shape (N_BANDS, 1 + N_FFT / 2), each of sum one."""
    edges = np.linspace(FMIN_HZ, FMAX_HZ, N_BANDS + 2)
    bins = np.arange(1 + N_FFT // 2) * SAMPLE_RATE_HZ / N_FFT
    low, centre, high = (edges[i : i + N_BANDS, None] for i in range(3))
    triangles = np.maximum(0.0, np.minimum((bins - low) / (centre - low), (high - bins) / (high - centre)))
    return np.asarray(triangles / triangles.sum(axis=1, keepdims=True), np.float32)


@cache
def _dct() -> NDArray[np.float32]:
    angle = np.pi / N_BANDS * (np.arange(N_BANDS)[:, None] + 0.5) * np.arange(1, N_LFCC + 1)
    return np.asarray(np.cos(angle) * np.sqrt(2.0 / N_BANDS), np.float32)
