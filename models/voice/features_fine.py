"""One vector of statistics per window: how cepstra move, what a linear predictor leaves over, how phases run.

A vocoder makes its excitation and its phases; a predictor's residual and the run of phases show them even when the
spectrum itself is right. Everything is a ratio, a logarithm or a concentration: level does not enter.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.types import SAMPLE_RATE_HZ
from models.voice import features as base
from models.voice.features_linear import lfcc, linear_filters, power, spectra
from models.voice.features_residual import residual_tracks

Array = NDArray[np.float32]

PHASE_BANDS = 6
MODULATION_EDGES_HZ = (0.5, 2.0, 4.0, 8.0, 12.0, 16.0, 24.0, 31.25)  # syllables, phones, roughness
MODULATION_GROUPS = 4
ACTIVE_DB = 30.0  # frames further under the loudest are pauses
_LOW, _HIGH = (round(hz * base.N_FFT / SAMPLE_RATE_HZ) for hz in (base.FMIN_HZ, base.FMAX_HZ))


def fine_statistics(windows: Array) -> Array:
    """Return the statistics of windows (n, WINDOW_SAMPLES), shape (n, m)."""
    spectrum = spectra(windows)
    strength = power(spectrum)
    active = _active(strength)
    floor = strength.max(axis=(1, 2), keepdims=True) * np.float32(np.exp(-base.DYNAMIC_RANGE_NEPER)) + 1e-20
    linear = np.log((strength + floor) @ linear_filters().T)
    mel = np.log((strength + floor) @ base.mel_filters().T + 1e-20)
    parts = [
        movement(lfcc(linear), active),
        movement(np.asarray(mel @ base.dct_matrix(), np.float32), active),
        _modulation(mel),
        _shares(phase_tracks(spectrum), active),
        _shares(residual_tracks(windows, active.shape[1]), active),
    ]
    return np.concatenate(parts, axis=1).astype(np.float32)


def movement(cepstra: Array, active: NDArray[np.bool_]) -> Array:
    """Return log spread, log mean step and log mean second step of cepstra (n, frames, c) where speech is: (n, 3c)."""
    first = np.diff(cepstra, axis=1)
    second = np.diff(first, axis=1)
    spread = np.sqrt(_mean((cepstra - _mean(cepstra, active)[:, None]) ** 2, active))
    steps = [_mean(np.abs(step), active[:, i + 1 :]) for i, step in enumerate((first, second))]
    return np.asarray(np.log(np.concatenate((spread, *steps), axis=1) + 1e-4), np.float32)


def phase_tracks(spectrum: NDArray[np.complex64]) -> Array:
    """Return per frame and band how steady group delay and phase advance are, 0..1: (n, frames, 2 PHASE_BANDS).

    The steadiness is the length of the mean unit phasor of the second difference, along frequency and along time,
    weighted by magnitude: a pulse train keeps it near 1, scrambled or smoothed phases do not.
    """
    band = spectrum[:, :, _LOW : _HIGH + 1]
    along = band[:, :, 1:] * band[:, :, :-1].conj()
    along = along[:, :, 1:] * along[:, :, :-1].conj()
    time = band[:, 1:] * band[:, :-1].conj()
    time = np.concatenate((time[:, :1], time), axis=1)
    time = time[:, :, 1:] * time[:, :, :-1].conj()
    tracks = [
        np.abs(part.sum(axis=2)) / (np.abs(part).sum(axis=2) + 1e-20)
        for product, root in ((along, 0.75), (time, 0.75))
        for part in np.array_split(product * (np.abs(product) + 1e-20) ** -root, PHASE_BANDS, axis=2)
    ]
    return np.asarray(np.stack(tracks, axis=2), np.float32)


def _modulation(mel: Array) -> Array:
    """Return log power of the movement of mel bands in ranges of modulation frequency, re their sum: (n, 28)."""
    moved = mel - mel.mean(axis=1, keepdims=True)
    strength = np.abs(np.fft.rfft(moved * np.hanning(mel.shape[1])[None, :, None], axis=1)) ** 2
    rate_hz = np.fft.rfftfreq(mel.shape[1], base.HOP / SAMPLE_RATE_HZ)
    pairs = pairwise(MODULATION_EDGES_HZ)
    ranges = np.stack([strength[:, (rate_hz >= a) & (rate_hz < b)].mean(axis=1) for a, b in pairs], axis=1)
    groups = np.stack([part.mean(axis=2) for part in np.array_split(ranges, MODULATION_GROUPS, axis=2)], axis=2)
    shares = groups / (groups.sum(axis=1, keepdims=True) + 1e-12)
    return np.asarray(np.log(shares + 1e-6).reshape(len(mel), -1), np.float32)


def _shares(tracks: Array, active: NDArray[np.bool_]) -> Array:
    """Return mean, spread and mean step of tracks (n, frames, t) where speech is: (n, 3t)."""
    mean = _mean(tracks, active)
    spread = np.sqrt(_mean((tracks - mean[:, None]) ** 2, active))
    step = _mean(np.abs(np.diff(tracks, axis=1)), active[:, 1:])
    return np.concatenate((mean, spread, step), axis=1)


def _mean(values: Array, active: NDArray[np.bool_]) -> Array:
    weight = active[:, :, None].astype(np.float32)
    return np.asarray((values * weight).sum(axis=1) / (weight.sum(axis=1) + 1e-6), np.float32)


def _active(strength: Array) -> NDArray[np.bool_]:
    level_db = 10.0 * np.log10(strength[:, :, _LOW : _HIGH + 1].sum(axis=2) + 1e-20)
    return np.asarray(level_db >= level_db.max(axis=1, keepdims=True) - ACTIVE_DB)
