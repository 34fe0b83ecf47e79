"""The packed look-up finds exactly what counting strings finds."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.text.ngrams import Lookup, ngrams, packed

TEXTS = st.text(alphabet="가나다라마하힣az", max_size=40)


@given(
    st.lists(TEXTS, min_size=1, max_size=4),
    st.lists(st.text(alphabet="가나다라힣az", min_size=2, max_size=4), unique=True),
)
def test_columns_and_counts_are_those_of_a_counter(texts: list[str], known: list[str]) -> None:
    index = {gram: place for place, gram in enumerate(known)}
    rows, columns, counts = Lookup(packed(known)).count(texts)
    for row, text in enumerate(texts):
        expected = Counter(index[gram] for gram in ngrams(text) if gram in index)
        assert dict(zip(columns[rows == row].tolist(), counts[rows == row].tolist(), strict=True)) == dict(expected)
        assert columns[rows == row].tolist() == sorted(expected)


def test_a_matrix_of_many_lots_has_a_row_for_each_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.text.ngrams.LOT", 2)
    matrix = Lookup(packed(["가나", "나다라"])).matrix(["가나가나", "", "마", "가나다라", "나다라"])
    assert matrix.toarray().tolist() == [[2, 0], [0, 0], [0, 0], [1, 1], [0, 1]]
    assert matrix.dtype == "float32"


def test_no_text_gives_an_empty_matrix() -> None:
    assert Lookup(packed(["가나"])).matrix([]).shape == (0, 1)


def test_what_is_too_long_to_be_packed_is_refused() -> None:
    with pytest.raises(ValueError, match="four"):
        packed(["가나", "가나다라마"])
