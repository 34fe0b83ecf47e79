"""Scored speech windows in, voice verdict out."""

from __future__ import annotations

from collections.abc import Sequence

from core.types import VoiceResult, VoiceWindow
from models.protocols import VoiceModel

MIN_SPEECH_S = 3.0
"""Less speech than this cannot be judged."""


def speech_seconds(windows: Sequence[VoiceWindow]) -> float:
    """Return how much of the call the windows cover, in seconds, overlaps counted once."""
    covered_s, end_s = 0.0, 0.0
    for window in sorted(windows, key=lambda w: w.start_s):
        covered_s += max(0.0, window.end_s - max(end_s, window.start_s))
        end_s = max(end_s, window.end_s)
    return covered_s


def score_voice(windows: Sequence[VoiceWindow], model: VoiceModel) -> VoiceResult:
    """Turn the windows of a call (times from its start) into its voice verdict."""
    speech_s = speech_seconds(windows)
    if speech_s < MIN_SPEECH_S:
        reason = "too_short" if speech_s > 0 else "no_speech"
        return VoiceResult(windows=tuple(windows), model_version=model.version, reason=reason)
    score = float(model.score_call(windows))
    return VoiceResult(
        score=score,
        grade=model.thresholds.grade(score),
        threshold=model.thresholds.danger,
        threshold_method=model.thresholds.method,
        windows=tuple(windows),
        members={"mfcc": score},
        model_version=model.version,
    )
