"""What the pipeline expects of a model. Implementations live in ``models.text`` and ``models.voice``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.types import Evidence, Thresholds, VoiceWindow


class TextModel(Protocol):
    """Scores Korean transcripts."""

    @property
    def version(self) -> str:
        """Version name in the registry."""
        ...

    @property
    def thresholds(self) -> Thresholds:
        """Grade borders chosen on held-out sources."""
        ...

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the calibrated scam probability of each text, shape (n,), 0..1."""
        ...

    def explain(self, text: str, *, top: int = 8) -> tuple[Evidence, ...]:
        """Return the strongest pieces of ``text`` for its score, strongest first."""
        ...


class ScamTypes(Protocol):
    """Names the kind of scam a call is."""

    def name(self, transcript: str) -> str | None:
        """Return one of ``models.text.scam_types.TYPES``, or None when no type is likely enough."""
        ...


class SentenceBorders(Protocol):
    """Finds where sentences of unpunctuated speech end."""

    def ends(self, words: Sequence[str]) -> list[bool]:
        """Tell for each word whether a sentence ends with it; the last one always does."""
        ...


@dataclass(frozen=True, slots=True)
class HeardWindow(VoiceWindow):
    """A window as a voice model gives it: ``members`` holds what each member of an ensemble says of it, 0..1."""

    members: Mapping[str, float] = field(default_factory=dict)


class VoiceModel(Protocol):
    """Scores speech for signs of voice changing or synthesis."""

    @property
    def version(self) -> str:
        """Version name in the registry."""
        ...

    @property
    def thresholds(self) -> Thresholds:
        """Grade borders chosen on held-out speakers."""
        ...

    def score_windows(self, samples: NDArray[np.float32]) -> tuple[HeardWindow, ...]:
        """Return the scored speech windows of ``samples`` (mono, 16 kHz, float32 in -1..1).

        Times count from the first sample. Silence and noise give an empty tuple.
        """
        ...

    def score_call(self, windows: Sequence[VoiceWindow]) -> float:
        """Return the calibrated score 0..1 of a call from all its speech windows, at least one."""
        ...

    def member_scores(self, windows: Sequence[HeardWindow]) -> Mapping[str, float]:
        """Return what each member says of the call by itself, 0..1; a model that is no ensemble is its only member."""
        ...
