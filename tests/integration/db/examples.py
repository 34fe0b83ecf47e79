"""Invented analyses for the database tests."""

from __future__ import annotations

from datetime import UTC, datetime

from core.types import CallResult, Claim, Evidence, NewAnalysis, Sentence, TextResult, VoiceResult, VoiceWindow
from db.job_store import JobStore
from db.store import AnalysisStore

NOW = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)
LATER = datetime(2026, 3, 1, 12, 31, 0, 654321, tzinfo=UTC)
KOREAN = "안녕하세요 할머니, 저예요 😀🙏🏽 \"따옴표\" 'q' \\ % ? :x \n 끝"
NEW = NewAnalysis(
    user_id="사용자-😀",
    declaration="01000000000",
    audio_file="통화/녹음 1.m4a",
    callback_url="http://gateway.example/cb?a=1",
)
RESULT = CallResult(
    duration_s=61.30000000000001,
    transcript=KOREAN,
    segments=(),
    text=TextResult(
        score=0.1 + 0.2,
        grade=2,
        threshold=0.25,
        threshold_method="max_f1",
        risk_ratio=0.5,
        level="caution",
        scam_type="기관사칭",
        evidence=(Evidence("저예요 🙏", -0.25),),
        sentences=(Sentence(0.0, 1.5, KOREAN, 0.75, flagged=True),),
        model_version="text-1",
    ),
    voice=VoiceResult(
        score=0.125,
        grade=0,
        windows=(VoiceWindow(0.0, 3.0, 0.125),),
        members={"mfcc": 0.125},
        model_version="voice-1",
    ),
    warnings=("짧은 통화",),
)
LEASE_S, COURIER_S = 60.0, 600.0


def jobs_at(store: AnalysisStore, moment: datetime) -> JobStore:
    """Return the runners' side of a store at a moment that does not pass."""
    return JobStore(store, lease_s=LEASE_S, courier_s=COURIER_S, clock=lambda: moment)


def claimed(store: AnalysisStore, jobs: JobStore, id: str = "a") -> Claim:
    """Add an analysis and take it."""
    store.add(NEW, id=id, now=NOW)
    claim = jobs.claim(id)
    assert claim is not None
    return claim
