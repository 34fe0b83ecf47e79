"""When the evidence was said, and the sentences that are evidence themselves."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import accumulate, islice

from core.types import Evidence, Segment, Sentence

MOST_SENTENCES = 3
_LETTER = re.compile(r"[가-힣a-z]")
_SURE = 1e-6


def with_times(evidence: Iterable[Evidence], segments: Sequence[Segment]) -> tuple[Evidence, ...]:
    """Return each piece with the time at which it was first said.

    Models see letters without spaces or punctuation, so that is what is looked for, across segments too;
    within one, time is spread by character count. What is not found keeps its times.
    """
    spoken = ["".join(_LETTER.findall(segment.text.lower())) for segment in segments]
    compact, ends = "".join(spoken), list(accumulate(map(len, spoken)))

    def time_s(letter: int, *, after: bool) -> float:
        """Return when a letter of ``compact`` begins, or is over."""
        number = bisect_right(ends, letter)
        segment, before = segments[number], ends[number] - len(spoken[number])
        match = next(islice(_LETTER.finditer(segment.text.lower()), letter - before, None))
        per_char_s = (segment.end_s - segment.start_s) / max(1, len(segment.text))
        return segment.start_s + (match.start() + after) * per_char_s

    def timed(piece: Evidence) -> Evidence:
        wanted = "".join(_LETTER.findall(piece.text.lower()))
        at = compact.find(wanted) if wanted else -1
        if at < 0:
            return piece
        return replace(piece, start_s=time_s(at, after=False), end_s=time_s(at + len(wanted) - 1, after=True))

    return tuple(timed(piece) for piece in evidence)


def from_sentences(sentences: Iterable[Sentence]) -> tuple[Evidence, ...]:
    """Return the flagged sentences that speak loudest for a scam, strongest first, at most ``MOST_SENTENCES``."""
    loudest = sorted((s for s in sentences if s.flagged), key=lambda s: -s.score)[:MOST_SENTENCES]
    return tuple(Evidence(s.text, _log_odds(s.score), "sentence", s.start_s, s.end_s) for s in loudest)


def _log_odds(score: float) -> float:
    sure = min(max(score, _SURE), 1.0 - _SURE)
    return math.log(sure / (1.0 - sure))
