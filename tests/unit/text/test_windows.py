"""No syllable of a long call is left out."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.text.windows import WINDOW, logits_by_text, spans, windows


@given(st.integers(0, 5000))
def test_windows_cover_everything(length):
    covered = {i for start, end in spans(length) for i in range(start, end)}
    assert covered == set(range(length))


@given(st.integers(WINDOW, 5000))
def test_windows_of_a_long_text_have_one_size(length):
    assert {end - start for start, end in spans(length)} == {WINDOW}


def test_a_short_text_is_one_window():
    assert windows("여보세요") == ["여보세요"]


def test_no_text_has_no_window():
    assert windows("") == []


def test_every_text_gets_the_logits_of_its_own_windows_and_all_are_asked_for_at_once():
    asked = []
    texts = ["가" * (WINDOW + 1), "", "나" * 3]
    found = logits_by_text(texts, lambda parts: (asked.append(parts), np.arange(len(parts), dtype=np.float64))[1])
    assert asked == [[part for text in texts for part in windows(text)]]
    assert [values.tolist() for values in found] == [[0.0, 1.0], [], [2.0]]
    assert logits_by_text([], lambda parts: np.zeros(len(parts))) == []
