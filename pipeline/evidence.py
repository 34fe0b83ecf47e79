"""When the evidence was said, and the sentences that are evidence themselves."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from core.types import Evidence, Segment, Sentence

MOST_SENTENCES = 3
_LETTER = re.compile(r"[가-힣a-z]")
_SURE = 1e-6


def with_times(evidence: Iterable[Evidence], segments: Sequence[Segment]) -> tuple[Evidence, ...]:
    """Return each piece with the time at which it was first said.

    Models see letters without spaces or punctuation, so that is what is looked for, across segments too;
    within one, time is spread by character count. What is not found keeps its times.
    """
    letters: list[str] = []
    times: list[tuple[float, float]] = []
    for segment in segments:
        per_char_s = (segment.end_s - segment.start_s) / max(1, len(segment.text))
        for place, char in enumerate(segment.text):
            if _LETTER.match(char.lower()):
                letters.append(char.lower())
                times.append((segment.start_s + place * per_char_s, segment.start_s + (place + 1) * per_char_s))
    compact = "".join(letters)
    return tuple(_timed(piece, compact, times) for piece in evidence)


def from_sentences(sentences: Iterable[Sentence]) -> tuple[Evidence, ...]:
    """Return the flagged sentences that speak loudest for a scam, strongest first, at most ``MOST_SENTENCES``."""
    loudest = sorted((s for s in sentences if s.flagged), key=lambda s: -s.score)[:MOST_SENTENCES]
    return tuple(Evidence(s.text, _log_odds(s.score), "sentence", s.start_s, s.end_s) for s in loudest)


def _timed(piece: Evidence, compact: str, times: Sequence[tuple[float, float]]) -> Evidence:
    wanted = "".join(_LETTER.findall(piece.text.lower()))
    at = compact.find(wanted) if wanted else -1
    return piece if at < 0 else replace(piece, start_s=times[at][0], end_s=times[at + len(wanted) - 1][1])


def _log_odds(score: float) -> float:
    sure = min(max(score, _SURE), 1.0 - _SURE)
    return math.log(sure / (1.0 - sure))
