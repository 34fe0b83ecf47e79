"""Results survive their JSON columns."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.types import Evidence, Sentence, TextResult, VoiceResult, VoiceWindow
from db import serialise

words = st.text(
    st.one_of(
        st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3),
        st.characters(min_codepoint=0x1F300, max_codepoint=0x1FAFF, exclude_categories=["Cs"]),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=40,
)
numbers = st.floats(allow_nan=False, allow_infinity=False)
maybe_word, maybe_number = st.none() | words, st.none() | numbers
grades = st.none() | st.integers(0, 2)
texts = st.builds(
    TextResult,
    score=maybe_number,
    grade=grades,
    threshold=maybe_number,
    threshold_method=maybe_word,
    risk_ratio=maybe_number,
    level=maybe_word,
    scam_type=maybe_word,
    evidence=st.lists(st.builds(Evidence, words, numbers), max_size=3).map(tuple),
    sentences=st.lists(st.builds(Sentence, numbers, numbers, words, numbers, st.booleans()), max_size=3).map(tuple),
    model_version=maybe_word,
    reason=maybe_word,
)
voices = st.builds(
    VoiceResult,
    score=maybe_number,
    grade=grades,
    threshold=maybe_number,
    threshold_method=maybe_word,
    windows=st.lists(st.builds(VoiceWindow, numbers, numbers, numbers), max_size=3).map(tuple),
    altered_share=maybe_number,
    strongest=st.none() | st.builds(VoiceWindow, numbers, numbers, numbers),
    members=st.dictionaries(words, numbers, max_size=3),
    model_version=maybe_word,
    reason=maybe_word,
)


@given(texts)
def test_a_text_result_reads_back_as_written(result: TextResult) -> None:
    assert serialise.text_from_json(serialise.text_to_json(result)) == result


@given(voices)
def test_a_voice_result_reads_back_as_written(result: VoiceResult) -> None:
    assert serialise.voice_from_json(serialise.voice_to_json(result)) == result


@given(st.lists(words).map(tuple))
def test_warnings_read_back_as_written(warnings: tuple[str, ...]) -> None:
    assert serialise.warnings_from_json(serialise.warnings_to_json(warnings)) == warnings


def test_korean_stays_readable_in_the_column() -> None:
    assert "대출" in serialise.text_to_json(TextResult(scam_type="대출"))


def test_an_empty_column_gives_nothing() -> None:
    assert serialise.text_from_json(None) is None
    assert serialise.voice_from_json(None) is None
    assert serialise.error_from_json(None) is None
    assert serialise.warnings_from_json(None) == ()


def test_rows_of_older_and_newer_versions_are_read() -> None:
    stored = json.dumps({"score": 0.5, "not_yet_invented": 1, "sentences": []})

    assert serialise.text_from_json(stored) == TextResult(score=0.5)


def test_a_score_that_is_not_a_number_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        serialise.text_to_json(TextResult(score=float("nan")))


DAMAGED = [
    "",
    "{",
    "5",
    "null",
    "[]",
    '"text"',
    "[" * 100_000,
    '{"score": "high"}',
    '{"score": NaN}',
    '{"scam_type": 5}',
]
DAMAGED += [
    '{"score": true}',
    '{"grade": 1.5}',
    '{"evidence": {}}',
    '{"evidence": [5]}',
    '{"evidence": [{"text": "a"}]}',
]
DAMAGED += ['{"sentences": null}', '{"sentences": [{"text": "secret", "score": 0.5, "flagged": "no"}]}']


@pytest.mark.parametrize("raw", DAMAGED, ids=range(len(DAMAGED)))
def test_what_we_never_wrote_is_unreadable_and_the_reason_quotes_nothing(raw: str) -> None:
    with pytest.raises(serialise.Unreadable) as caught:
        serialise.text_from_json(raw)
    assert "secret" not in repr(caught.value)
    assert (caught.value.__cause__, caught.value.__suppress_context__ or caught.value.__context__ is None) == (
        None,
        True,
    )


@pytest.mark.parametrize("raw", ["x", "{}", '"text"', "[1]"])
def test_warnings_that_are_no_list_of_words_are_unreadable(raw: str) -> None:
    with pytest.raises(serialise.Unreadable):
        serialise.warnings_from_json(raw)


@pytest.mark.parametrize("raw", ['{"windows": 1}', '{"windows": [{}]}', '{"members": []}', '{"members": null}'])
def test_a_damaged_voice_result_is_unreadable(raw: str) -> None:
    with pytest.raises(serialise.Unreadable):
        serialise.voice_from_json(raw)
