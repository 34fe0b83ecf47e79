"""Fakes of the rooms around the service: real behaviour, no dependencies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import InvalidRequest, Unavailable
from core.types import (
    Analysis,
    CallResult,
    Evidence,
    NewAnalysis,
    Segment,
    Stage,
    Status,
    TextResult,
    Thresholds,
    VoiceResult,
    VoiceWindow,
)

BORDERS = Thresholds("fake", caution=0.4, danger=0.6)
SCAM_WORD = "안전계좌"


class MemoryStore:
    """Keeps analyses in a dict; ``down`` names the methods that do not answer."""

    def __init__(self) -> None:
        self.rows: dict[str, Analysis] = {}
        self.progresses: list[int] = []
        self.down: set[str] = set()

    def _reach(self, method: str) -> None:
        if method in self.down:
            raise Unavailable("the database does not answer")

    def add(self, new: NewAnalysis, *, id: str, now: datetime) -> Analysis:
        self._reach("add")
        self.rows[id] = Analysis(
            id, Status.QUEUED, 0, new.user_id, new.declaration, new.audio_file, now, callback_url=new.callback_url
        )
        return self.rows[id]

    def get(self, id: str) -> Analysis | None:
        self._reach("get")
        return self.rows.get(id)

    def claim(self, id: str) -> bool:
        self.rows[id] = replace(self.rows[id], status=Status.RUNNING)
        return True

    def progress(self, id: str, percent: int) -> None:
        self._reach("progress")
        self.progresses.append(percent)

    def finish(self, id: str, result: CallResult, *, now: datetime) -> Analysis:
        self._reach("finish")
        self.rows[id] = replace(
            self.rows[id],
            status=Status.DONE,
            progress=100,
            finished_date=now,
            duration_s=result.duration_s,
            predict1=result.text.grade,
            predict2=result.voice.grade,
            text=result.text,
            voice=result.voice,
            transcript=result.transcript,
            warnings=result.warnings,
        )
        return self.rows[id]

    def fail(self, id: str, error: Mapping[str, Any], *, now: datetime) -> None:
        self._reach("fail")
        self.rows[id] = replace(self.rows[id], status=Status.FAILED, error=error, finished_date=now)

    def remove(self, id: str) -> None:
        self.rows.pop(id, None)

    def ping(self) -> None:
        self._reach("ping")


class ListCallbacks:
    """Collects the reports of every analysis."""

    def __init__(self) -> None:
        self.reports: list[dict[str, Any]] = []
        self.closed = 0

    def check(self, url: str) -> None:
        if "evil" in url:
            raise InvalidRequest("the host of callback_url is not allowed", field="callback_url")

    def open(self, url: str | None) -> ListCallbacks:
        return self

    def send(self, report: Mapping[str, Any]) -> None:
        self.reports.append(dict(report))

    def close(self) -> None:
        self.closed += 1


class FakeLine:
    """Walks through the stages and gives ``result``, or raises ``error`` after the first."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.seen: list[bytes] = []

    def __call__(self, audio: Path, *, work_dir: Path, report: Callable[[Stage], None]) -> CallResult:
        self.seen.append(audio.read_bytes())
        (work_dir / "call.wav").write_bytes(b"wav")
        report(Stage.CHUNKED)
        if self.error:
            raise self.error
        report(Stage.TRANSCRIBED)
        report(Stage.TEXT_SCORED)
        return call_result()


class KeywordTextModel:
    """Scores 0.9 where the scam word is said and 0.1 elsewhere."""

    version = "fake-text"
    thresholds = BORDERS

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        return np.array([0.9 if SCAM_WORD in text else 0.1 for text in texts])

    def explain(self, text: str, *, top: int = 8) -> tuple[Evidence, ...]:
        return (Evidence(SCAM_WORD, 1.0),) if SCAM_WORD in text else ()


class WholeChunkVoiceModel:
    """One window for whatever it is given, scored 0.7."""

    version = "fake-voice"
    thresholds = BORDERS

    def score_windows(self, samples: NDArray[np.float32]) -> tuple[VoiceWindow, ...]:
        return (VoiceWindow(0.0, len(samples) / 16_000, 0.7),) if np.any(samples) else ()

    def score_call(self, windows: Sequence[VoiceWindow]) -> float:
        return float(np.mean([window.score for window in windows]))


def call_result() -> CallResult:
    """A finished scam call of ten seconds."""
    text = TextResult(score=0.97, grade=2, threshold=0.6, threshold_method="fake", risk_ratio=0.5, level="low")
    voice = VoiceResult(score=0.2, grade=0, threshold=0.6, windows=(VoiceWindow(0.0, 3.0, 0.2),), members={"mfcc": 0.2})
    segment = Segment(0.0, 10.0, "안전계좌로 이체하셔야 합니다 🙂", 0.9)
    return CallResult(10.0, segment.text, (segment,), text, voice)
