"""Nothing of punctuation, spacing, digits or mask marks reaches the model."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.text.normalise import normalise


@given(st.text(max_size=200))
def test_only_syllables_and_latin_letters_are_left(text):
    assert all("가" <= letter <= "힣" or "a" <= letter <= "z" for letter in normalise(text))


@given(st.text(alphabet="가나다라마 ox0OX.,b/각*\n", max_size=60))
def test_normalising_twice_changes_nothing(text):
    assert normalise(normalise(text)) == normalise(text)


@given(st.text(alphabet="가나다라마각", max_size=40), st.text(alphabet=" .,?!0123456789\n\t-", min_size=1, max_size=5))
def test_punctuation_spacing_and_digits_change_nothing(text, between):
    assert normalise(between.join(text)) == normalise(text)


@pytest.mark.parametrize("masked", ["김OO 고객님", "김○○ 고객님", "김000 고객님", "김** 고객님", "김 OO고객님"])
def test_every_mask_reads_the_same(masked):
    assert normalise(masked) == "김고객님"


def test_decomposed_hangul_is_composed():
    assert normalise(unicodedata.normalize("NFD", "여보세요")) == "여보세요"


@pytest.mark.parametrize("marked", ["o/ 네 b/ 그래요", "A: 네 B: 그래요", "네 {웃음} 그래요", "네 <잡음>그래요"])
def test_transcribers_marks_are_dropped(marked):
    assert normalise(marked) == "네그래요"
