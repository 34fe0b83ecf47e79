"""faster-whisper: int8, batched over stretches of speech, loaded once."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import Unavailable
from core.types import SAMPLE_RATE_HZ, Segment
from pipeline.stt.hallucinations import Heard, keep_real
from pipeline.stt.short_context import WINDOW_S, short_context_model
from pipeline.stt.weights import base_weights

PACKAGED = "base"
BEAM_SIZE = 5
_LONG_S, _SHORT_S, _MIN_CHARS_PER_S = 8.0, 10, 2.0  # people speak five syllables a second
_FAINT, _TARGET, _MAX_GAIN = 0.05, 0.3, 100.0


class WhisperStt:
    """The default engine. ``model`` is ``base`` (packaged weights), a local folder, or a hub name."""

    name = "whisper"

    def __init__(self, *, model: str, cache_dir: Path, threads: int = 0, batch: int = 8, language: str = "ko") -> None:
        self._model = model
        self._cache_dir = cache_dir
        self.parallel = max(1, threads)
        self._batch = batch
        self._language = language
        self._pipeline: Any = None
        self._lock = threading.Lock()

    def load(self) -> None:
        """Load the weights once; a second thread waits for the first.

        Raises:
            core.errors.Unavailable: when the weights cannot be had or read.
        """
        with self._lock:
            if self._pipeline is None:
                self._pipeline = self._load()

    def _load(self) -> Any:
        from faster_whisper import BatchedInferencePipeline

        source = str(base_weights(self._cache_dir)) if self._model == PACKAGED else self._model
        try:
            model = short_context_model(
                source,
                device="cpu",
                compute_type="int8",
                # One thread on each of several pieces is faster than several threads on one piece.
                cpu_threads=1,
                num_workers=self.parallel,
                download_root=str(self._cache_dir),
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise Unavailable("the Whisper model cannot be loaded", model=self._model) from error
        return BatchedInferencePipeline(model)

    def transcribe(self, samples: NDArray[np.float32]) -> tuple[Segment, ...]:
        """Return the speech in ``samples`` (mono, 16 kHz, float32 in -1..1), times from its first sample.

        ``confidence`` is exp(mean token log-probability) of the stretch a segment belongs to.

        Raises:
            core.errors.Unavailable: when the model cannot be loaded or fails.
        """
        self.load()
        if not np.any(samples):
            return ()
        sound = audible(samples)
        try:
            heard = [again for one in self._hear(sound) for again in self._doubted(one, sound)]
        except RuntimeError as error:
            raise Unavailable("the Whisper model failed on a piece of the call") from error
        return tuple(_segments(keep_real(heard, language=self._language)))

    def _hear(self, sound: NDArray[np.float32], **options: Any) -> list[Heard]:
        found, _ = self._pipeline.transcribe(
            sound,
            language=self._language,
            **{
                "beam_size": BEAM_SIZE,
                "batch_size": self._batch,
                "vad_filter": True,
                "condition_on_previous_text": False,
                "chunk_length": WINDOW_S,
                **options,
            },
        )
        return [_heard(segment) for segment in found]

    def _doubted(self, one: Heard, sound: NDArray[np.float32]) -> list[Heard]:
        """Hear a long stretch again in short pieces when it has far too few syllables for its length.

        Whisper now and then ends a window after a few words; the rest would be lost silently.
        """
        length_s = one.end_s - one.start_s
        if length_s < _LONG_S or len(one.text) >= length_s * _MIN_CHARS_PER_S:
            return [one]
        part = sound[round(one.start_s * SAMPLE_RATE_HZ) : round(one.end_s * SAMPLE_RATE_HZ)]
        again = [
            replace(piece, start_s=piece.start_s + one.start_s, end_s=piece.end_s + one.start_s)
            for piece in keep_real(self._hear(part, chunk_length=_SHORT_S), language=self._language)
        ]
        return again if sum(len(piece.text) for piece in again) > len(one.text) else [one]


def audible(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return ``samples`` lifted by at most 40 dB when they are faint: the voice filter needs a level.

    Loudness is the 99.9th percentile of the absolute values, so that one click does not count.
    """
    loudness = float(np.percentile(np.abs(samples), 99.9))
    gain = min(_MAX_GAIN, _TARGET / max(loudness, 1e-9)) if loudness < _FAINT else 1.0
    lifted: NDArray[np.float32] = np.clip(np.ascontiguousarray(samples, np.float32) * np.float32(gain), -1.0, 1.0)
    return lifted


def _heard(segment: Any) -> Heard:
    return Heard(
        start_s=float(segment.start),
        end_s=float(segment.end),
        text=segment.text.replace("\ufffd", "").strip(),  # half a syllable at the end of the token budget
        confidence=math.exp(min(0.0, segment.avg_logprob)),
        no_speech=float(segment.no_speech_prob),
    )


def _segments(heard: Iterable[Heard]) -> Iterable[Segment]:
    return (Segment(h.start_s, max(h.start_s, h.end_s), h.text, h.confidence) for h in heard if h.text)
