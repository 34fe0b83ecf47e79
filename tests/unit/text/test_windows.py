"""No syllable of a long call is left out."""

from hypothesis import given
from hypothesis import strategies as st

from models.text.windows import WINDOW, spans, windows


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
