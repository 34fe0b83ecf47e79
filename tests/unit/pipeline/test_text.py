from collections.abc import Sequence

import pytest

from core.types import Evidence, Segment
from pipeline.evidence import from_sentences, with_times
from pipeline.sentences import MAX_CHARS, MIN_CHARS, split_sentences, word_borders
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


class EveryThirdWord:
    def ends(self, words: Sequence[str]) -> list[bool]:
        return [place % 3 == 2 or place == len(words) - 1 for place in range(len(words))]


def test_learned_borders_cut_what_has_no_punctuation_and_lose_no_word() -> None:
    spoken = "하나둘셋 하나둘셋 하나둘셋 " * 5
    sentences = split_sentences([Segment(0.0, 10.0, spoken)], EveryThirdWord())
    assert [s.text for s in sentences] == ["하나둘셋 하나둘셋 하나둘셋"] * 5
    assert [round(s.end_s, 6) for s in sentences] == [2.0, 4.0, 6.0, 8.0, 10.0]


def test_a_sentence_is_not_cut_into_crumbs_and_punctuation_goes_first() -> None:
    sentences = split_sentences([Segment(0, 1, "네 네 네 그래요 네. 네 네 네")], EveryThirdWord())
    assert [s.text for s in sentences] == ["네 네 네 그래요 네.", "네 네 네"]
    assert all(len(s.text) >= MIN_CHARS for s in split_sentences([Segment(0, 1, "네 " * 60)], EveryThirdWord())[:-1])


def test_word_borders_keep_to_the_length() -> None:
    words = ("아주 긴 말입니다 " * 30).split()
    pieces = " ".join(word + "\n" * end for word, end in zip(words, word_borders(words), strict=True)).split("\n")
    assert all(len(piece.strip()) <= MAX_CHARS for piece in pieces)
    assert len(pieces) > 3


def test_evidence_says_when_it_was_first_said_across_spaces_and_segments() -> None:
    segments = [
        Segment(0, 10, HARMLESS),
        Segment(10, 20, "지금 바로 안전"),
        Segment(20, 30, "계좌로 보내세요 안전계좌"),
    ]
    found = with_times([Evidence("안전계좌로", 2.0), Evidence("없는말", -1.0), Evidence("…", 0.1)], segments)
    assert found[0].start_s == pytest.approx(10 + 10 * 6 / 8)
    assert found[0].end_s == pytest.approx(20 + 10 * 3 / 13)
    assert [(e.start_s, e.end_s) for e in found[1:]] == [(None, None)] * 2
    assert with_times([Evidence("안전계좌", 1.0)], []) == (Evidence("안전계좌", 1.0),)


def test_the_loudest_flagged_sentences_are_evidence_with_their_times() -> None:
    segments = [Segment(i, i + 1, SCAM if i % 2 else HARMLESS) for i in range(12)]
    result = score_text(segments, KeywordTextModel())
    said = [piece for piece in result.evidence if piece.kind == "sentence"]
    flagged = {sentence.text: sentence for sentence in result.sentences if sentence.flagged}
    assert len(said) == 3
    assert all(piece.text in flagged and piece.weight > 0 and piece.start_s is not None for piece in said)
    assert from_sentences([]) == ()


@pytest.mark.parametrize(
    ("confidences", "reason"),
    [((0.7, 0.7), None), ((0.39, 0.39), "low_confidence"), ((0.3, 0.6), None), ((None, None), None)],
)
def test_what_the_recogniser_was_not_sure_of_is_not_judged(
    confidences: tuple[float | None, float | None], reason: str | None
) -> None:
    segments = [Segment(i, i + 1, SCAM, confidence) for i, confidence in enumerate(confidences)]
    result = score_text(segments, KeywordTextModel())
    assert (result.reason, result.score is None) == (reason, reason is not None)


def test_too_little_speech_is_the_reason_before_low_confidence() -> None:
    assert score_text([Segment(0, 1, "네", 0.1)], KeywordTextModel()).reason == "too_short"


class Loan:
    def name(self, transcript: str) -> str | None:
        return "loan"


def test_a_type_is_named_only_for_a_call_that_may_be_a_scam() -> None:
    assert score_text([Segment(0, 1, SCAM)], KeywordTextModel(), types=Loan()).scam_type == "loan"
    assert score_text([Segment(0, 1, HARMLESS)], KeywordTextModel(), types=Loan()).scam_type is None
    assert score_text([Segment(0, 1, SCAM)], KeywordTextModel()).scam_type is None
