"""A recogniser that recognises nothing, or what it was told to; it can be made to cost processor time."""

from __future__ import annotations

import hashlib
import time

import numpy as np
from numpy.typing import NDArray

from core.types import Segment


class NullStt:
    """Returns the configured segments for every piece with sound in it, after ``cpu_s`` seconds of work."""

    name = "null"
    parallel = 1

    def __init__(self, segments: tuple[Segment, ...] = (), *, cpu_s: float = 0.0) -> None:
        self._segments = segments
        self._cpu_s = cpu_s
        self.loaded = False

    def load(self) -> None:
        """Only remember that it was asked to."""
        self.loaded = True

    def transcribe(self, samples: NDArray[np.float32]) -> tuple[Segment, ...]:
        """Return the configured segments, or none for digital silence."""
        ready = time.thread_time() + self._cpu_s
        while time.thread_time() < ready:
            hashlib.sha256(samples.data).digest()
        return self._segments if np.any(samples) else ()
