"""The converted wav of a call: written once by streaming, read in slices. soundfile only."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.types import SAMPLE_RATE_HZ


def spool(blocks: Iterable[NDArray[np.float32]], wav_path: Path) -> float:
    """Write blocks (mono, 16 kHz, float32 in -1..1) to a 16-bit PCM wav and return its length in seconds.

    A wav that could not be finished is removed; the error of ``blocks`` goes on to the caller.
    """
    import soundfile

    samples = 0
    try:
        with soundfile.SoundFile(wav_path, "w", SAMPLE_RATE_HZ, 1, "PCM_16", format="WAV") as wav:
            for block in blocks:
                wav.write(block)
                samples += len(block)
    except BaseException:
        wav_path.unlink(missing_ok=True)
        raise
    return samples / SAMPLE_RATE_HZ


def read_slice(wav_path: Path, start_s: float, end_s: float) -> NDArray[np.float32]:
    """Return the samples from ``start_s`` up to ``end_s``, shape (n,), float32 in -1..1, 16 kHz.

    Times are rounded to the nearest sample; a slice beyond the end of the file is cut there.
    """
    import soundfile

    start, stop = round(start_s * SAMPLE_RATE_HZ), round(end_s * SAMPLE_RATE_HZ)
    with soundfile.SoundFile(wav_path) as wav:
        wav.seek(min(start, wav.frames))
        samples: NDArray[np.float32] = wav.read(max(0, stop - start), dtype="float32")
    return samples
