"""pydub and SpeechRecognition, imported with their known warnings silenced, and what both engines share."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.types import SAMPLE_RATE_HZ

_SILENT_RMS = 10.0 ** (-60 / 20)  # -60 dBFS: nothing worth sending


@dataclass(frozen=True, slots=True)
class Piece:
    """A slice of samples as SpeechRecognition takes it; times in seconds from the first sample."""

    start_s: float
    end_s: float
    audio: Any


def recognition() -> Any:
    """Import speech_recognition. Its use of ``aifc`` and ``audioop`` is not ours to mend."""
    with _known_warnings():
        import speech_recognition
    return speech_recognition


def pydub_segment() -> Any:
    """Import pydub's ``AudioSegment``."""
    with _known_warnings():
        from pydub import AudioSegment
    return AudioSegment


def pieces(samples: NDArray[np.float32], max_s: float) -> Iterator[Piece]:
    """Slice samples (mono, 16 kHz, float32) with pydub into pieces of at most ``max_s``; silent ones are left out."""
    pcm = (np.clip(samples, -1.0, 1.0) * 32767.0).astype("<i2")
    whole = pydub_segment()(pcm.tobytes(), frame_rate=SAMPLE_RATE_HZ, sample_width=2, channels=1)
    step_ms = int(max_s * 1000)
    for start_ms in range(0, len(whole), step_ms):
        part = whole[start_ms : start_ms + step_ms]
        if part.rms < _SILENT_RMS * part.max_possible_amplitude:
            continue
        wav = io.BytesIO()
        part.export(wav, format="wav")
        wav.seek(0)
        sr = recognition()
        with sr.AudioFile(wav) as source:
            audio = sr.Recognizer().record(source)
        yield Piece(start_ms / 1000, (start_ms + len(part)) / 1000, audio)


class _known_warnings(warnings.catch_warnings):  # noqa: N801 - used like the function it wraps
    """ffmpeg is not needed for wav; audioop and aifc leave with Python 3.13."""

    def __enter__(self) -> None:
        super().__enter__()
        warnings.filterwarnings("ignore", message="Couldn't find ffmpeg or avconv", category=RuntimeWarning)
        warnings.filterwarnings("ignore", message="'(audioop|aifc)' is deprecated", category=DeprecationWarning)
