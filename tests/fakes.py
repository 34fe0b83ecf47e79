"""Fakes of the rooms around the service: real behaviour, no dependencies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import InvalidRequest
from core.types import (
    Analysis,
    CallResult,
    Evidence,
    Segment,
    Stage,
    TextResult,
    Thresholds,
    VoiceResult,
    VoiceWindow,
)
from models.protocols import HeardWindow
from pipeline.analyse import Notebook
from pipeline.chunk import Chunk
from service.executor import Executor
from service.ports import Jobs

BORDERS = Thresholds("fake", caution=0.4, danger=0.6)
SCAM_WORD = "안전계좌"


class ListCallbacks:
    """Collects the reports of every analysis."""

    def __init__(self) -> None:
        self.reports: list[dict[str, Any]] = []
        self.closed = 0

    def check(self, url: str) -> None:
        if "evil" in url:
            raise InvalidRequest("the host of callback_url is not allowed", field="callback_url")

    def wanted(self, url: str | None) -> bool:
        return True

    def open(self, url: str | None, *, delivered: Callable[[int], None], dead: Callable[[str], None]) -> ListCallbacks:
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
        self.heard: list[int] = []
        self.while_hearing: Callable[[int], None] = lambda number: None

    def __call__(
        self, audio: Path, *, work_dir: Path, report: Callable[[Stage], None], notebook: Notebook | None = None
    ) -> CallResult:
        self.seen.append(audio.read_bytes())
        (work_dir / "call.wav").write_bytes(b"wav")
        report(Stage.CHUNKED)
        for number in range(3):
            chunk = Chunk(number, 10.0 * number, 10.0 * number + 10.0)
            if notebook and notebook.recall(chunk) is None:
                self.heard.append(number)
                self.while_hearing(number)
                notebook.keep(chunk, call_result().segments)
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

    def score_windows(self, samples: NDArray[np.float32]) -> tuple[HeardWindow, ...]:
        return (HeardWindow(0.0, len(samples) / 16_000, 0.7),) if np.any(samples) else ()

    def score_call(self, windows: Sequence[VoiceWindow]) -> float:
        return float(np.mean([window.score for window in windows]))

    def member_scores(self, windows: Sequence[HeardWindow]) -> Mapping[str, float]:
        return {"loud": 0.9, "quiet": self.score_call(windows)}


def call_result() -> CallResult:
    """A finished scam call of ten seconds."""
    text = TextResult(score=0.97, grade=2, threshold=0.6, threshold_method="fake", risk_ratio=0.5, level="low")
    voice = VoiceResult(score=0.2, grade=0, threshold=0.6, windows=(VoiceWindow(0.0, 3.0, 0.2),), members={"mfcc": 0.2})
    segment = Segment(0.0, 10.0, "안전계좌로 이체하셔야 합니다 🙂", 0.9)
    return CallResult(10.0, segment.text, (segment,), text, voice)


class InlineRunner:
    """Runs in the caller's thread."""

    def __init__(self, *, jobs: Jobs, executor: Executor) -> None:
        self._jobs, self._executor = jobs, executor

    def submit(self, stored: Analysis) -> None:
        """Run it here and now."""
        claim = self._jobs.claim(stored.id)
        if claim is not None:
            self._executor.run(claim)
