"""The packed look-up finds exactly what counting strings finds."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from models.text.ngrams import Lookup, ngrams

TEXTS = st.text(alphabet="가나다라마하힣az", max_size=40)


@given(TEXTS, st.lists(st.text(alphabet="가나다라힣az", min_size=2, max_size=4), unique=True, max_size=30))
def test_columns_and_counts_are_those_of_a_counter(text: str, known: list[str]) -> None:
    index = {gram: place for place, gram in enumerate(known)}
    expected = Counter(index[gram] for gram in ngrams(text) if gram in index)
    columns, counts = Lookup(index).count(text)
    assert dict(zip(columns.tolist(), counts.tolist(), strict=True)) == dict(expected)
    assert columns.tolist() == sorted(expected)
