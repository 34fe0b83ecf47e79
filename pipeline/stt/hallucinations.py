"""What Whisper writes when nobody speaks, and how it is told from speech."""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Heard:
    """A raw segment: ``confidence`` exp(mean token log-probability), ``no_speech`` the model's own doubt; 0..1."""

    start_s: float
    end_s: float
    text: str
    confidence: float
    no_speech: float


def keep_real(heard: Iterable[Heard], samples: NDArray[np.float32], *, language: str = "ko") -> list[Heard]:
    """Return the segments that are speech."""
    return [h for h in heard if h.text]
