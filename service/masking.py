"""Personal data in a transcript, replaced by markers before the result is stored.

Found are registration, account, card and phone numbers and birth dates, in digits or read out one by one
(공일공…), and e-mail addresses. Too much is masked rather than too little: the scores are made before, on
the whole text. Names are not found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from core.types import CallResult, Evidence, TextResult
from service.spoken_numbers import BIRTH, KINDS, REGISTRATION, digits_of, number_runs
from service.spoken_numbers import kind as kind_of

EMAIL, MARKER = "이메일", "[{}]"
MARKERS = tuple(MARKER.format(kind) for kind in (*KINDS, EMAIL))
_BROKEN = "\0"
"""Stands for what is masked already while the rest is searched; no number reaches over it."""

_EMAIL = re.compile(r"(?<![A-Za-z0-9_.+-])[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_REGISTRATION = re.compile(r"(?<![0-9])[0-9]{6}\s?[-–]\s?[0-9](?:[0-9]{6}(?![0-9])|[0-9]{0,5}\*+)")
_WORD = "[공영일이삼사오육칠팔구십백천유시]"
_YEAR = rf"(?:(?<![0-9])[0-9]{{2,4}}|{_WORD}{{2,9}})\s?년\s?"
_DAY = rf"(?:[0-9]{{1,2}}|{_WORD}{{1,3}})\s?월\s?(?:[0-9]{{1,2}}|{_WORD}{{1,4}})\s?일"
_DATE = re.compile(
    rf"(?P<old>(?:(?<![0-9])19[0-9]{{2}}|천\s?구백{_WORD}{{0,4}}|일구{_WORD}{{2}})\s?년\s?{_DAY})"
    rf"|(?P<any>{_YEAR}{_DAY})(?P<born>\s?생|에?\s?태어)?"
    r"|(?<![0-9])(?P<plain>19[0-9]{2}[-./]\s?[0-9]{1,2}[-./]\s?[0-9]{1,2})(?![0-9])"
)
_BORN = re.compile(r"(?<!\[)(?:생년월일|생일|출생|태어)")
_WINDOW = 15
"""Characters before a number that may say what it is."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text and the marker that takes its place."""

    start: int
    end: int
    marker: str


def mask(text: str) -> str:
    """Return ``text`` with markers in the place of personal data; doing it twice changes nothing more."""
    return _replace(text, find(text))


def mask_result(result: CallResult) -> CallResult:
    """Return a result without personal data in any of its texts; scores, grades and times are the same.

    Sentences are pieces of the transcript: a number that runs over the border of two is masked in both.
    """
    transcript, spans = result.transcript, find(result.transcript)
    sentences = _mask_pieces(transcript, spans, [sentence.text for sentence in result.text.sentences])
    segments = _mask_pieces(transcript, spans, [segment.text for segment in result.segments])
    # A sentence that is evidence, too, reads there as it does among the sentences, where its neighbours are known.
    pairs = zip(result.text.sentences, sentences, strict=True)
    said = {sentence.text: masked for sentence, masked in pairs if sentence.text != masked}
    text: TextResult = replace(
        result.text,
        sentences=tuple(replace(s, text=t) for s, t in zip(result.text.sentences, sentences, strict=True)),
        evidence=tuple(
            replace(e, text=said[e.text]) if e.text in said else _mask_evidence(e, transcript, spans)
            for e in result.text.evidence
        ),
    )
    return replace(
        result,
        transcript=_replace(transcript, spans),
        segments=tuple(replace(s, text=t) for s, t in zip(result.segments, segments, strict=True)),
        text=text,
    )


def find(text: str) -> list[Span]:
    """Return what is to be masked, in order, without overlaps."""
    found: list[Span] = []
    rest, before = text, ""
    while rest != before:  # what is masked may have hidden where the number behind it begins
        before = rest
        for search in (_addresses, _registrations, _dates, _numbers):
            for span in search(rest):
                found.append(span)
                rest = rest[: span.start] + _BROKEN * (span.end - span.start) + rest[span.end :]
    return sorted(found, key=lambda span: span.start)


def _addresses(text: str) -> Iterator[Span]:
    for match in _EMAIL.finditer(text):
        yield Span(*match.span(), MARKER.format(EMAIL))


def _registrations(text: str) -> Iterator[Span]:
    for match in _REGISTRATION.finditer(text):
        yield Span(*match.span(), MARKER.format(REGISTRATION))


def _dates(text: str) -> Iterator[Span]:
    """Dates of the last century, which in a call are birth dates; later ones where the words say so."""
    for match in _DATE.finditer(text):
        group = next(name for name in ("old", "any", "plain") if match[name])
        if group != "any" or match["born"] or _BORN.search(_before(text, match.start())):
            yield Span(*match.span(group), MARKER.format(BIRTH))


def _numbers(text: str) -> Iterator[Span]:
    done = 0
    for start, end in number_runs(text):
        before = text[max(done, start - _WINDOW) : start]
        kind = kind_of(text[start:end], before=_before(before, len(before)), after=text[end : end + 4])
        if kind is not None:
            yield Span(start, end, MARKER.format(kind))
            done = end


def _before(text: str, position: int) -> str:
    """Return the words before a position, not reaching over anything masked: markers say nothing of what follows."""
    return re.split(r"[\0\]]", text[max(0, position - _WINDOW) : position])[-1]


def _replace(text: str, spans: Sequence[Span], *, offset: int = 0) -> str:
    """Put markers into a piece of the text that begins at ``offset``."""
    pieces, done = [], 0
    for span in spans:
        start, end = max(span.start - offset, 0), min(span.end - offset, len(text))
        if start < end:
            pieces += [text[done:start], span.marker]
            done = end
    return "".join([*pieces, text[done:]])


def _mask_pieces(transcript: str, spans: Sequence[Span], pieces: Sequence[str]) -> list[str]:
    """Mask pieces that follow each other in the transcript as they are masked there."""
    masked, position = [], 0
    for piece in pieces:
        # Sentences have one space where the recogniser may have written several, or a tab.
        words = re.compile(r"\s+".join(map(re.escape, re.split(r"\s+", piece))))
        found = words.search(transcript, position)
        if found is None:
            masked.append(mask(piece))
            continue
        position = found.end()
        masked.append(_replace(found[0], spans, offset=found.start()))
    return masked


def _mask_evidence(evidence: Evidence, transcript: str, spans: Sequence[Span]) -> Evidence:
    """Mask a piece that is part of something masked: the model gives it without spaces and punctuation."""
    wanted = re.sub(r"\W", "", evidence.text)
    for span in spans:
        if digits_of(wanted) and wanted in re.sub(r"\W", "", transcript[span.start : span.end]).lower():
            return replace(evidence, text=span.marker)
    return replace(evidence, text=mask(evidence.text))
