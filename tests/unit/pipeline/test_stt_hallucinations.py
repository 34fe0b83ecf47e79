from __future__ import annotations

import pytest

from pipeline.stt.hallucinations import Heard, cut_loops, is_invented, keep_real


def heard(text: str, confidence: float = 0.7, no_speech: float = 0.05) -> Heard:
    return Heard(0.0, 1.0, text, confidence, no_speech)


@pytest.mark.parametrize(
    "text",
    [
        "시청해주셔서 감사합니다.",
        "지금까지 시청해 주셔서 감사합니다!",
        "구독과 좋아요 부탁드립니다.",
        "MBC 뉴스 이덕영입니다.",
        "다음 영상에서 만나요.",
        "한글자막 제공",
        "이 영상은",
    ],
)
def test_video_credits_the_model_is_not_sure_of_are_dropped(text):
    assert is_invented(heard(text, confidence=0.45, no_speech=0.4))


@pytest.mark.parametrize("text", ["감사합니다.", "네.", "구독 서비스 해지하려고 전화드렸는데요.", "MBC 뉴스 보셨어요?"])
def test_what_people_say_on_the_telephone_is_kept(text):
    assert keep_real([heard(text)]) == [heard(text)]


def test_credits_inside_a_sentence_are_kept():
    assert not is_invented(heard("어제 영상을 보고 시청해 주셔서 감사합니다 라고 하더라고요", 0.45, 0.4))


def test_doubtful_text_is_dropped_whatever_it_says():
    assert is_invented(heard("오오오", confidence=0.14, no_speech=0.77))


def test_noisy_but_undoubted_speech_is_kept():
    assert not is_invented(heard("여보세요", confidence=0.33, no_speech=0.05))


@pytest.mark.parametrize("text", ["", "...", "♪♪", "Thank you."])
def test_text_without_korean_is_dropped_when_the_model_doubts(text):
    assert is_invented(heard(text, confidence=0.4, no_speech=0.7))


def test_a_confident_foreign_word_is_kept():
    assert not is_invented(heard("OK", confidence=0.8))


def test_a_loop_is_cut_to_one_turn():
    assert cut_loops("그래서 제가 " * 40).strip() == "그래서 제가"


def test_agreement_is_not_a_loop():
    assert cut_loops("네 네 네 알겠습니다") == "네 네 네 알겠습니다"
