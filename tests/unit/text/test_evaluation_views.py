"""Noise has the word error it is named after, and nothing of a beginning comes from later."""

import random

import jiwer
import pytest

from models.text.data import Call
from models.text.evaluation import speed, views
from models.text.noise import SttNoise
from models.text.normalise import normalise

NOISE = SttNoise({"가": (("까", "카"), (3, 1))}, (("음", "어"), (1, 1)))


@pytest.mark.parametrize("error", views.WORD_ERRORS)
def test_word_error_is_the_one_that_jiwer_measures(error):
    words = views.own_words()[:6000]
    rate, rng = views.syllable_rate(NOISE, error, words), random.Random(5)
    heard = [NOISE.apply(word, rate, rng) for word in words]
    assert jiwer.wer(" ".join(words), " ".join(heard)) == pytest.approx(error, abs=0.02)
    assert rate < error  # a word is wrong as soon as one of its syllables is


def test_a_noisy_copy_is_the_same_every_time_and_differs_by_call():
    view = views.noise_views(NOISE, views.own_words()[:3000])["wer30"]
    call = Call("a1", "a", 1, normalise("고객님 지금 바로 확인을 도와드리겠습니다 잠시만 기다려 주세요") * 4)
    assert view(call, 3) == view(call, 3) != view(call, 4)


def test_beginnings_grow_and_end_with_the_call():
    call = Call("a1", "a", 1, "가나다라마바사아자차" * 100)
    seen = [view(call, 0) for view in views.early_views().values()]
    assert all(call.text.startswith(text) for text in seen)
    assert [len(text) for text in seen] == [min(count, 1000) for count in views.checkpoints().values()]
    assert len(seen[2]) == 143  # 200 characters as people write them, with spaces


def test_characters_of_a_syllable_are_those_of_our_corpus():
    texts = [segment.text for segment in speed.ten_minutes()]
    written = len("\n".join(texts))
    assert written / sum(len(normalise(text)) for text in texts) == pytest.approx(
        views.CHARACTERS_PER_SYLLABLE, abs=0.03
    )


def test_ten_minutes_are_ten_minutes_in_order():
    call = speed.ten_minutes()
    assert sum(len(normalise(segment.text)) for segment in call) == pytest.approx(speed.SYLLABLES, abs=100)
    assert 570 < call[-1].end_s < 620
    assert all(left.end_s == right.start_s for left, right in zip(call, call[1:], strict=False))
