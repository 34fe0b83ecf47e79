"""Transcript in, text verdict out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from core.types import Segment, Sentence, TextResult
from models.protocols import ScamTypes, SentenceBorders, TextModel
from pipeline.evidence import from_sentences, with_times
from pipeline.sentences import split_sentences

MIN_HANGUL = 20
"""Fewer syllables than this (about 4 s of talk) say nothing about a call's purpose."""
MIN_HANGUL_SHARE = 0.5
"""Below this share of Hangul among letters the call is not in Korean."""
MIN_CONFIDENCE = 0.4
"""Below this mean token probability most syllables are wrong. Whisper *base* gives 0.71-0.83 on clean speech, 0.51-0.68
at 18-53 % character errors, and 0.35-0.56 at 49-82 %: only what is beyond use is refused, noisy telephones are not."""
LOW_CONFIDENCE = "low_confidence"
LEVELS = ((0.8, "high"), (0.6, "elevated"))

_HANGUL = re.compile(r"[가-힣]")
_LETTER = re.compile(r"[^\W\d_]")


def join_transcript(segments: Sequence[Segment]) -> str:
    """Return the stored form of a transcript: one segment a line."""
    return "\n".join(segment.text for segment in segments)


def why_not(transcript: str) -> str | None:
    """Return why a transcript cannot be judged: no_speech, not_korean, too_short; None when it can."""
    hangul = len(_HANGUL.findall(transcript))
    letters = len(_LETTER.findall(transcript))
    if letters == 0:
        return "no_speech"
    if letters >= MIN_HANGUL and hangul < MIN_HANGUL_SHARE * letters:
        return "not_korean"
    return "too_short" if hangul < MIN_HANGUL else None


def score_call(transcript: str, model: TextModel) -> TextResult:
    """Score a call by its whole transcript, as ``join_transcript`` made it; neither evidence nor sentences are given.

    The score depends on the transcript alone, so that scoring the stored one again gives the same number.
    """
    reason = why_not(transcript)
    if reason is not None:
        return TextResult(model_version=model.version, reason=reason)
    score = float(model.predict_proba([transcript])[0])
    borders = model.thresholds
    return TextResult(
        score=score,
        grade=borders.grade(score),
        threshold=borders.danger,
        threshold_method=borders.method,
        model_version=model.version,
    )


def judge(segments: Sequence[Segment], model: TextModel) -> TextResult:
    """Score what was heard as ``score_call`` does, unless the recogniser itself was not sure of it."""
    transcript = join_transcript(segments)
    confidence = mean_confidence(segments)
    if why_not(transcript) is None and confidence is not None and confidence < MIN_CONFIDENCE:
        return TextResult(model_version=model.version, reason=LOW_CONFIDENCE)
    return score_call(transcript, model)


def mean_confidence(segments: Sequence[Segment]) -> float | None:
    """Return the recogniser's mean confidence, 0..1, by characters; None when it gives none."""
    known = [(segment.confidence, len(segment.text)) for segment in segments if segment.confidence is not None]
    total = sum(length for _, length in known)
    return sum(confidence * length for confidence, length in known) / total if total else None


def score_text(
    segments: Sequence[Segment],
    model: TextModel,
    *,
    types: ScamTypes | None = None,
    borders: SentenceBorders | None = None,
) -> TextResult:
    """Score a call, say why, and score each sentence in the context of its neighbours.

    ``types`` names the kind of scam of a call of grade 1 or 2; ``borders`` finds sentences without punctuation.
    """
    call = judge(segments, model)
    if call.score is None:
        return call
    transcript = join_transcript(segments)
    sentences = _score_sentences(split_sentences(segments, borders), model)
    risk_ratio = sum(s.flagged for s in sentences) / len(sentences)
    return replace(
        call,
        risk_ratio=risk_ratio,
        level=next((name for border, name in LEVELS if risk_ratio >= border), "low"),
        scam_type=types.name(transcript) if types and call.grade else None,
        evidence=with_times(model.explain(transcript), segments) + from_sentences(sentences),
        sentences=sentences,
    )


def _score_sentences(pieces: Sequence[Segment], model: TextModel) -> tuple[Sentence, ...]:
    contexts = [" ".join(p.text for p in pieces[max(0, i - 1) : i + 2]) for i in range(len(pieces))]
    scores = [float(value) for value in model.predict_proba(contexts)]
    return tuple(
        Sentence(p.start_s, p.end_s, p.text, score, score >= model.thresholds.danger)
        for p, score in zip(pieces, scores, strict=True)
    )
