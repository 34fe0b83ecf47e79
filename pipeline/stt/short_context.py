"""A Whisper whose encoder hears a window at its own length instead of padded to 30 s.

Attention grows with the square of the length: on one thread a 15-s window costs a quarter of a 30-s one,
not half. The weights have only seen padded windows, so some padding stays: without it the last words of a
window get lost. (whisper.cpp offers the same as ``audio_ctx``.)
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

FRAMES_PER_S = 100
WINDOW_S = 18
PADDING_S = 2.0


def encoder_frames(features: NDArray[np.float32]) -> int:
    """Return how many frames of ``features`` (n, mels, frames), padded with zeros, are worth encoding.

    The longest window of the batch and ``PADDING_S``, an even number (the encoder halves it), at most all.
    """
    heard = np.flatnonzero(np.any(features != 0, axis=(0, 1)))
    last = int(heard[-1]) + 1 if len(heard) else 0
    wanted = last + round(PADDING_S * FRAMES_PER_S)
    return min(int(features.shape[-1]), wanted + wanted % 2)


def short_context_model(source: str, **options: Any) -> Any:
    """Return a ``faster_whisper.WhisperModel`` of ``source`` that encodes short windows as short ones.

    Windows are encoded one by one and only decoded as a batch: the buffers of the encoder are what a batch
    needs memory for, and encoding gains no speed from it.
    """
    from faster_whisper import WhisperModel
    from faster_whisper.transcribe import get_ctranslate2_storage

    class ShortContext(WhisperModel):  # type: ignore[misc]
        def encode(self, features: NDArray[np.float32]) -> Any:
            batch = features[None] if features.ndim == 2 else features
            batch = batch[..., : encoder_frames(batch)]
            states = [
                np.asarray(self.model.encode(get_ctranslate2_storage(np.ascontiguousarray(one[None])), to_cpu=True))
                for one in batch
            ]
            return get_ctranslate2_storage(np.concatenate(states))

    return ShortContext(source, **options)
