"""Cut recognised speech into sentences with times."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from core.types import Segment
from models.protocols import SentenceBorders

MAX_CHARS = 80
"""Whatever is longer is cut at a word border after this many characters: about 15 s of talk."""
MIN_CHARS = 12
"""A learned border nearer than this to the one before it is passed over: "네" and "그래요" say nothing alone."""

_END = re.compile(r"(?<=[.?!。？！])\s+|\n+")


def split_sentences(segments: Sequence[Segment], borders: SentenceBorders | None = None) -> list[Segment]:
    """Return sentences in order; times are spread over a segment by character count.

    Punctuation and line feeds end a sentence. What has none is cut where ``borders`` says, and in any
    case before it is longer than ``MAX_CHARS``.
    """
    return [sentence for segment in segments for sentence in _split_one(segment, borders)]


def word_borders(words: Sequence[str]) -> list[bool]:
    """Tell for each word whether a sentence of at most ``MAX_CHARS`` ends with it, by length alone."""
    ends, length = [False] * len(words), 0
    for place, word in enumerate(words):
        if length and length + len(word) > MAX_CHARS:
            ends[place - 1], length = True, 0
        length += len(word) + 1
    return ends


def _split_one(segment: Segment, borders: SentenceBorders | None) -> Iterator[Segment]:
    parts = [part.strip() for part in _END.split(segment.text)]
    spoken = [piece for part in parts for piece in (_split_spoken(part, borders) if borders else [part])]
    pieces = [short for piece in spoken for short in _wrap(piece)]
    total = sum(len(piece) for piece in pieces)
    length_s = segment.end_s - segment.start_s
    done = 0
    for piece in pieces:
        start_s = segment.start_s + length_s * done / total
        done += len(piece)
        yield Segment(start_s, segment.start_s + length_s * done / total, piece, segment.confidence)


def _split_spoken(text: str, borders: SentenceBorders) -> Iterator[str]:
    """Yield the sentences of a piece without punctuation inside it, none but the last shorter than ``MIN_CHARS``."""
    words = text.split()
    sentence: list[str] = []
    length = 0
    for word, ends in zip(words, borders.ends(words), strict=True):
        sentence.append(word)
        length += len(word) + 1
        if ends and length > MIN_CHARS:
            yield " ".join(sentence)
            sentence, length = [], 0
    if sentence:
        yield " ".join(sentence)


def _wrap(text: str) -> Iterator[str]:
    while len(text) > MAX_CHARS:
        cut = text.rfind(" ", MAX_CHARS // 2, MAX_CHARS)
        cut = MAX_CHARS if cut < 0 else cut
        yield text[:cut].strip()
        text = text[cut:].strip()
    if text:
        yield text
