"""What Whisper's encoder hears: its own log-mel spectrogram, below the upper end of the telephone band."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from core.types import SAMPLE_RATE_HZ
from models.voice.features import FMAX_HZ, WINDOW_SAMPLES, triangles

N_FFT, HOP, N_MELS = 400, 160, 80  # Whisper's: 25 ms every 10 ms
N_FRAMES = WINDOW_SAMPLES // HOP  # 302
DYNAMIC_RANGE = 8.0  # decades of power under the loudest cell, as in Whisper's training
TOP = 1.5  # decades: where the loudest cell of speech of ordinary level lies for Whisper
NARROW_HZ = 300.0  # many lines pass nothing below


def whisper_mel(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return Whisper's log-mel of windows (n, WINDOW_SAMPLES), 16 kHz, as (n, N_FRAMES, N_MELS); level does not matter.

    The loudest cell of every window is put to the same value; bands that reach above ``FMAX_HZ`` are silent.
    """
    mel = np.log10(np.maximum(_power(windows) @ filters().T, 1e-20))
    heard = mel[:, :, : heard_bands()]
    loudest = heard.max(axis=(1, 2), keepdims=True)
    made = np.full_like(mel, TOP - DYNAMIC_RANGE)
    made[:, :, : heard_bands()] = np.maximum(heard - loudest, -DYNAMIC_RANGE) + TOP
    return np.asarray((made + 4.0) / 4.0, np.float32)


def narrowed(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return windows (n, samples) without anything below ``NARROW_HZ``, as such lines carry them."""
    spectrum = np.fft.rfft(windows, axis=1)
    spectrum[:, np.fft.rfftfreq(windows.shape[1], 1.0 / SAMPLE_RATE_HZ) < NARROW_HZ] = 0.0
    return np.asarray(np.fft.irfft(spectrum, windows.shape[1], axis=1), np.float32)


@cache
def filters() -> NDArray[np.float32]:
    """Return Whisper's mel filters, (N_MELS, 1 + N_FFT / 2): Slaney's, from 0 to 8 kHz."""
    return triangles(0.0, SAMPLE_RATE_HZ / 2, N_MELS, N_FFT)


@cache
def heard_bands() -> int:
    """Return how many of the lowest bands lie wholly below ``FMAX_HZ``."""
    hz = np.arange(1 + N_FFT // 2) * SAMPLE_RATE_HZ / N_FFT
    return int(np.sum([hz[band > 0.0].max() <= FMAX_HZ for band in filters()]))


def _power(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the power spectrum of frames centred on multiples of ``HOP``; the ends are mirrored, the last is left."""
    half = N_FFT // 2
    padded = np.pad(windows, ((0, 0), (half, half)), mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, N_FFT, axis=1)[:, ::HOP][:, :-1]
    hann = np.hanning(N_FFT + 1)[:-1].astype(np.float32)
    spectrum = np.fft.rfft(frames * hann, axis=2)
    return np.asarray(spectrum.real**2 + spectrum.imag**2, np.float32)
