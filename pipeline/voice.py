"""Scored speech windows in, voice verdict out."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from core.types import VoiceResult, VoiceWindow
from models.protocols import HeardWindow, VoiceModel

MIN_SPEECH_S = 3.0
"""Less speech than this cannot be judged."""

PASSAGE_S = 10.0
MIN_PASSAGE_SPEECH_S = 6.0
"""A passage of ``PASSAGE_S`` with less speech says too little, unless the whole call has no more."""

ALTERED_SCORE = 0.5
"""From here on a window is more likely altered than not; window scores are calibrated with both classes alike."""


def speech_seconds(windows: Sequence[VoiceWindow]) -> float:
    """Return how much of the call the windows cover, in seconds, overlaps counted once."""
    covered_s, end_s = 0.0, 0.0
    for window in sorted(windows, key=lambda w: w.start_s):
        covered_s += max(0.0, window.end_s - max(end_s, window.start_s))
        end_s = max(end_s, window.end_s)
    return covered_s


def altered_share(windows: Sequence[VoiceWindow]) -> float:
    """Return the share of windows (at least one) that are more likely altered than not, 0..1."""
    return sum(window.score >= ALTERED_SCORE for window in windows) / len(windows)


def strongest_passage(windows: Sequence[VoiceWindow], model: VoiceModel) -> VoiceWindow:
    """Return the ``PASSAGE_S`` of the call, at least one window, with the highest score: from its first to last window.

    The score is what ``model`` would give a call that held the passage alone.
    """
    ordered = sorted(windows, key=lambda w: w.start_s)
    starts = [window.start_s for window in ordered]
    ends = [bisect_right(starts, start_s + PASSAGE_S) for start_s in starts]
    passages = [_from(ordered[i:end]) for i, end in enumerate(ends)]
    enough_s = min(MIN_PASSAGE_SPEECH_S, max(map(speech_seconds, passages)))
    judged = [
        VoiceWindow(part[0].start_s, max(w.end_s for w in part), float(model.score_call(part)))
        for part in passages
        if speech_seconds(part) >= enough_s
    ]
    return max(judged, key=lambda passage: passage.score)


def score_voice(heard: Sequence[HeardWindow], model: VoiceModel) -> VoiceResult:
    """Turn the windows of a call (times from its start) into its voice verdict."""
    windows = tuple(VoiceWindow(window.start_s, window.end_s, window.score) for window in heard)
    speech_s = speech_seconds(windows)
    if speech_s < MIN_SPEECH_S:
        reason = "too_short" if speech_s > 0 else "no_speech"
        return VoiceResult(windows=windows, model_version=model.version, reason=reason)
    score = float(model.score_call(windows))
    return VoiceResult(
        score=score,
        grade=model.thresholds.grade(score),
        threshold=model.thresholds.danger,
        threshold_method=model.thresholds.method,
        windows=windows,
        altered_share=altered_share(windows),
        strongest=strongest_passage(windows, model),
        members=model.member_scores(heard),
        model_version=model.version,
    )


def _from(ordered: Sequence[VoiceWindow]) -> list[VoiceWindow]:
    """Return the windows that lie within ``PASSAGE_S`` of the first, the first included whatever its length."""
    end_s = max(ordered[0].start_s + PASSAGE_S, ordered[0].end_s)
    return [window for window in ordered if window.end_s <= end_s]
