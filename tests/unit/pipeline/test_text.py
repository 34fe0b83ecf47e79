import pytest

from core.types import Segment
from pipeline.sentences import MAX_CHARS, split_sentences
from pipeline.text import join_transcript, score_call, score_text, why_not
from tests.fakes import SCAM_WORD, KeywordTextModel

HARMLESS = "엄마 이번 주 토요일에 내려갈게요 점심 같이 먹어요 그리고 우산도 챙길게요."
SCAM = f"지금 바로 {SCAM_WORD}로 전액을 이체하셔야 합니다 아무에게도 말하지 마세요."


@pytest.mark.parametrize(
    ("transcript", "reason"),
    [
        ("", "no_speech"),
        (" ... 123 ♪", "no_speech"),
        ("네 여보세요", "too_short"),
        ("hello this is a call in another language entirely", "not_korean"),
        (HARMLESS, None),
    ],
)
def test_what_cannot_be_judged_says_why(transcript: str, reason: str | None) -> None:
    assert why_not(transcript) == reason
    result = score_text([Segment(0, 1, transcript)], KeywordTextModel())
    assert (result.score is None) == (reason is not None)
    assert result.reason == reason


def test_a_scam_sentence_is_flagged_with_its_time() -> None:
    segments = [
        Segment(0, 10, " ".join([HARMLESS] * 4)),
        Segment(10, 20, SCAM),
        Segment(20, 30, " ".join([HARMLESS] * 4)),
    ]
    result = score_text(segments, KeywordTextModel())
    assert (result.grade, result.level) == (2, "low")
    flagged = [sentence for sentence in result.sentences if sentence.flagged]
    assert any(sentence.start_s == 10 and SCAM_WORD in sentence.text for sentence in flagged)
    assert result.risk_ratio == len(flagged) / len(result.sentences)


@pytest.mark.parametrize(("scam", "level"), [(10, "high"), (6, "elevated"), (0, "low")])
def test_levels_follow_the_risk_ratio(scam: int, level: str) -> None:
    texts = [SCAM] * scam + [HARMLESS] * (10 - scam)
    assert score_text([Segment(i, i + 1, text) for i, text in enumerate(texts)], KeywordTextModel()).level == level


@pytest.mark.parametrize("texts", [[SCAM, HARMLESS], [HARMLESS], ["네 여보세요"], [""], ["hello there " * 9]])
def test_the_stored_transcript_alone_gives_the_same_verdict(texts: list[str]) -> None:
    parts = [Segment(i, i + 1, text) for i, text in enumerate(texts)]
    whole, again = score_text(parts, KeywordTextModel()), score_call(join_transcript(parts), KeywordTextModel())
    for name in ("score", "grade", "reason", "threshold", "threshold_method", "model_version"):
        assert getattr(again, name) == getattr(whole, name)
    assert (again.sentences, again.evidence) == ((), ())


def test_sentences_lose_no_word_and_keep_time_order() -> None:
    spoken = "이것은 마침표가 없는 아주 긴 말입니다 " * 20
    sentences = split_sentences([Segment(3.0, 63.0, spoken)])
    assert " ".join(s.text for s in sentences).split() == spoken.split()
    assert all(len(s.text) <= MAX_CHARS for s in sentences)
    assert (sentences[0].start_s, round(sentences[-1].end_s, 6)) == (3.0, 63.0)
    assert all(a.end_s == b.start_s for a, b in zip(sentences, sentences[1:], strict=False))


def test_blank_segments_give_no_sentence() -> None:
    assert split_sentences([Segment(0, 1, "  "), Segment(1, 2, "")]) == []
