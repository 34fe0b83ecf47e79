"""Cut recognised speech into sentences with times."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from core.types import Segment

MAX_CHARS = 80
"""Unpunctuated speech is cut at a word border after this many characters: about 15 s of talk."""

_END = re.compile(r"(?<=[.?!。？！])\s+|\n+")


def split_sentences(segments: Sequence[Segment]) -> list[Segment]:
    """Return sentences in order; times are spread over a segment by character count."""
    return [sentence for segment in segments for sentence in _split_one(segment)]


def _split_one(segment: Segment) -> Iterator[Segment]:
    pieces = [piece for part in _END.split(segment.text) for piece in _wrap(part.strip())]
    total = sum(len(piece) for piece in pieces)
    length_s = segment.end_s - segment.start_s
    done = 0
    for piece in pieces:
        start_s = segment.start_s + length_s * done / total
        done += len(piece)
        yield Segment(start_s, segment.start_s + length_s * done / total, piece, segment.confidence)


def _wrap(text: str) -> Iterator[str]:
    while len(text) > MAX_CHARS:
        cut = text.rfind(" ", MAX_CHARS // 2, MAX_CHARS)
        cut = MAX_CHARS if cut < 0 else cut
        yield text[:cut].strip()
        text = text[cut:].strip()
    if text:
        yield text
