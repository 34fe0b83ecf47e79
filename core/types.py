"""Frozen values that cross the borders between rooms.

Times are seconds from the start of the call, probabilities are floats in 0..1, grades are
0 safe (안전), 1 caution (주의), 2 danger (위험).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

SAMPLE_RATE_HZ = 16_000
"""Every stage after decoding works at this rate: what Whisper expects, twice the telephone band."""


class Status(StrEnum):
    """Life of an analysis. ``done``, ``failed`` and ``cancelled`` are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


FINAL = (Status.DONE, Status.FAILED, Status.CANCELLED)


class Stage(StrEnum):
    """Milestones reported to the gateway; ``PROGRESS`` gives each its percentage."""

    CHUNKED = "chunked"
    TRANSCRIBED = "transcribed"
    TEXT_SCORED = "text_scored"
    DONE = "done"


PROGRESS: Mapping[Stage, int] = {Stage.CHUNKED: 25, Stage.TRANSCRIBED: 50, Stage.TEXT_SCORED: 75, Stage.DONE: 100}


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of recognised speech; ``confidence`` is the mean token probability, 0..1, if known."""

    start_s: float
    end_s: float
    text: str
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Grade borders of a model version: score >= ``caution`` is 1, >= ``danger`` is 2."""

    method: str
    caution: float
    danger: float

    def grade(self, score: float) -> int:
        """Return 0 safe, 1 caution or 2 danger for a score in 0..1."""
        return 2 if score >= self.danger else 1 if score >= self.caution else 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something that moved the text score: a piece of the transcript, its signed weight, and when it was first said.

    ``kind`` is ``ngram`` (letters as the model sees them, without spaces; weight in the call's log-odds) or
    ``sentence`` (weight: the sentence's own log-odds in context). Times are None where they are not known.
    """

    text: str
    weight: float
    kind: str = "ngram"
    start_s: float | None = None
    end_s: float | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the transcript with its own score (0..1); times are None for a text that was never sound."""

    start_s: float | None
    end_s: float | None
    text: str
    score: float
    flagged: bool


@dataclass(frozen=True, slots=True)
class TextResult:
    """What the text model says. ``score`` and ``grade`` are None when ``reason`` says why not."""

    score: float | None = None
    grade: int | None = None
    threshold: float | None = None
    threshold_method: str | None = None
    risk_ratio: float | None = None
    level: str | None = None
    scam_type: str | None = None
    evidence: tuple[Evidence, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    model_version: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class VoiceWindow:
    """Score (0..1, 1 = altered or synthetic) of one window of speech."""

    start_s: float
    end_s: float
    score: float


@dataclass(frozen=True, slots=True)
class VoiceResult:
    """What the voice model says. ``score`` and ``grade`` are None when ``reason`` says why not.

    ``altered_share`` of the windows are more likely altered than not; ``strongest`` is the 10-second passage with the
    highest score: a short altered passage in a long genuine call shows there. ``members`` are the scores that the
    model's members would give the call by themselves.
    """

    score: float | None = None
    grade: int | None = None
    threshold: float | None = None
    threshold_method: str | None = None
    windows: tuple[VoiceWindow, ...] = ()
    altered_share: float | None = None
    strongest: VoiceWindow | None = None
    members: Mapping[str, float] = field(default_factory=dict)
    model_version: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class RunningScore:
    """What the text model says of the beginning of a call that is still being heard, up to ``until_s``."""

    until_s: float
    score: float
    grade: int


@dataclass(frozen=True, slots=True)
class CallResult:
    """Everything the pipeline learned from one call."""

    duration_s: float
    transcript: str
    segments: tuple[Segment, ...]
    text: TextResult
    voice: VoiceResult
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewAnalysis:
    """A validated request: ``declaration`` holds digits only."""

    user_id: str
    declaration: str
    audio_file: str
    callback_url: str | None = None
    uploaded: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """What an ``Idempotency-Key`` stands for: the same key with another ``digest`` is a mistake."""

    key: str
    digest: str


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to run an analysis, until somebody else is given it; ``attempt`` counts from 1."""

    id: str
    token: str
    attempt: int
    new: NewAnalysis
    reported: int = 0


@dataclass(frozen=True, slots=True)
class QueueState:
    """How much work waits."""

    by_status: Mapping[Status, int]
    oldest_queued: datetime | None


@dataclass(frozen=True, slots=True)
class Label:
    """What a person found: ``label`` is 1 for a confirmed scam, 0 for "not voice phishing" (보이스피싱 아님).

    ``voice_label`` is 1 for an altered or synthetic voice, 0 for a genuine one, None when nobody judged the voice.
    """

    id: str
    analysis_id: str
    label: int
    note: str | None
    labelled_by: str | None
    created_date: datetime
    voice_label: int | None = None


@dataclass(frozen=True, slots=True)
class Analysis:
    """One row of the ``analysis`` table as the other rooms see it. Dates are UTC, aware."""

    id: str
    status: Status
    progress: int
    user_id: str
    declaration: str
    audio_file: str
    created_date: datetime
    finished_date: datetime | None = None
    callback_url: str | None = None
    duration_s: float | None = None
    predict1: int | None = None
    predict2: int | None = None
    text: TextResult | None = None
    voice: VoiceResult | None = None
    transcript: str | None = None
    reroll: int | None = None
    label: Label | None = None
    warnings: tuple[str, ...] = ()
    error: Mapping[str, Any] | None = None
    uploaded: bool = False
    reported: int = 0
    callback_error: str | None = None
    running: RunningScore | None = None

    @property
    def is_final(self) -> bool:
        """True when nothing will change any more by itself."""
        return self.status in FINAL
