"""The feature room: every view a member of the ensemble may look at, for training and serving alike.

All views come from speech-only windows of ``WINDOW_SAMPLES`` and from the telephone band alone. The level of a
window and every fixed frequency response are taken out; nothing outside 250 to 3400 Hz can decide. ``whisper`` alone
hears the band as it is, from the lowest frequencies: what a pretrained ear was trained on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from models.voice import features as base
from models.voice.features_fine import fine_statistics
from models.voice.features_linear import linear_bands
from models.voice.whisper_statistics import whisper_statistics

Windows = NDArray[np.float32]

DELTA_REACH = 2  # frames each side that a slope is fitted to: 5 frames, 64 ms, as in HTK
IMAGE_BANDS, IMAGE_FRAMES = 48, 64
N_MFCC_ALL = 3 * base.N_MFCC
_BATCH = 16


def mfcc_deltas(windows: Windows) -> Windows:
    """Return MFCC, their slopes and the slopes of those: (n, N_FRAMES, 3 N_MFCC)."""
    return mfcc_of(log_mel(windows))


def mfcc_of(log_mel_power: Windows) -> Windows:
    """Return what ``mfcc_deltas`` returns, from the ``log_mel`` view (n, N_FRAMES, N_MELS)."""
    mfcc = np.asarray(log_mel_power @ base.dct_matrix(), np.float32)
    first = slope(mfcc)
    return np.concatenate((mfcc, first, slope(first)), axis=2)


def log_mel(windows: Windows) -> Windows:
    """Return log mel power in neper, (n, N_FRAMES, N_MELS), each band with mean zero over its window."""
    power = np.log(np.maximum(base.mel_power(windows), 1e-20))
    return centred(power)


def image(windows: Windows) -> Windows:
    """Return the spectrogram as a picture, (n, IMAGE_BANDS, IMAGE_FRAMES): log power of linear bands, mean zero."""
    bands = centred(np.log(np.maximum(linear_bands(windows), 1e-20)))
    edges = np.linspace(0, bands.shape[1], IMAGE_FRAMES + 1).astype(int)
    summed = np.add.reduceat(bands, edges[:-1], axis=1) / np.diff(edges)[None, :, None]
    return np.ascontiguousarray(summed.transpose(0, 2, 1), dtype=np.float32)


VIEWS: dict[str, Callable[[Windows], Windows]] = {
    "mfcc": mfcc_deltas,
    "log_mel": log_mel,
    "image": image,
    "statistics": fine_statistics,
    "whisper": whisper_statistics,
}
"""Name of a view → the one function that makes it from windows (n, WINDOW_SAMPLES)."""


def views(windows: Windows, names: Iterable[str] = tuple(VIEWS)) -> dict[str, Windows]:
    """Return the named views of windows (n, WINDOW_SAMPLES), 16 kHz, float32; level does not matter.

    Raises:
        ValueError: when the windows have another length.
        KeyError: when there is no such view.
    """
    if windows.ndim != 2 or windows.shape[1] != base.WINDOW_SAMPLES:
        raise ValueError(f"expected windows of {base.WINDOW_SAMPLES} samples, got shape {windows.shape}")
    whole = windows if len(windows) else np.zeros((1, base.WINDOW_SAMPLES), np.float32)
    made = {}
    for name in names:
        parts = [VIEWS[name](levelled(whole[i : i + _BATCH])) for i in range(0, len(whole), _BATCH)]
        made[name] = np.concatenate(parts)[: len(windows)].astype(np.float32)
    return made


def levelled(windows: Windows) -> Windows:
    """Return windows with the same power each; silence stays silence."""
    rms = np.sqrt(np.mean(windows**2, axis=1, keepdims=True))
    return np.asarray(windows * (0.1 / (rms + 1e-9)), np.float32)


def centred(log_power: Windows) -> Windows:
    """Raise cells far below the loudest one, then take each band's mean over the window away."""
    floor = log_power.max(axis=(1, 2), keepdims=True) - base.DYNAMIC_RANGE_NEPER
    raised = np.maximum(log_power, floor)
    return np.asarray(raised - raised.mean(axis=1, keepdims=True), np.float32)


def slope(series: Windows) -> Windows:
    """Return the least-squares slope per frame over 2 ``DELTA_REACH`` + 1 frames; the ends are repeated."""
    reach = DELTA_REACH
    padded = np.pad(series, ((0, 0), (reach, reach), (0, 0)), mode="edge")
    length = series.shape[1]
    total = np.zeros_like(series)
    for k in range(1, reach + 1):
        total += k * (padded[:, reach + k : reach + k + length] - padded[:, reach - k : reach - k + length])
    return np.asarray(total / (2 * sum(k * k for k in range(1, reach + 1))), np.float32)
