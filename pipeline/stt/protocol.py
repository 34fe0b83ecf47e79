"""What the line expects of a speech recogniser."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.types import Segment


class SpeechToText(Protocol):
    """One engine. Loaded lazily, once per process; called from at most ``parallel`` threads at a time."""

    @property
    def name(self) -> str:
        """Engine name as in ``MOKSORI_STT_ENGINE``."""
        ...

    @property
    def parallel(self) -> int:
        """How many pieces of a call it can hear at once."""
        ...

    def load(self) -> None:
        """Load whatever the engine needs; calling it again does nothing.

        Raises:
            core.errors.Unavailable: when the engine or its weights cannot be had.
        """
        ...

    def transcribe(self, samples: NDArray[np.float32]) -> tuple[Segment, ...]:
        """Return the speech in ``samples`` (mono, 16 kHz, float32 in -1..1), times from its first sample.

        Silence and noise give an empty tuple, never invented text.
        """
        ...
