import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidRequest
from service.declaration import normalise_declaration


@pytest.mark.parametrize(
    "typed",
    [
        "01012345678",
        "010-1234-5678",
        "010/1234/5678",
        "010.1234.5678",
        "(010) 1234 5678",
        " 010 1234 5678 ",
        "+82 10 1234 5678",
        "+82-10-1234-5678",
        "+82 (0)10-1234-5678",
        "0082 10 1234 5678",
        "０１０－１２３４－５６７８",
        "010–1234–5678",
    ],
)
def test_every_notation_of_a_number_becomes_the_same_digits(typed: str) -> None:
    assert normalise_declaration(typed) == "01012345678"


@pytest.mark.parametrize("short", ["112", "1394", "15881234"])
def test_short_official_numbers_are_numbers(short: str) -> None:
    assert normalise_declaration(short) == short


@pytest.mark.parametrize(
    "wrong",
    ["abc", "", "  ", "010-abcd-5678", "12", "1" * 16, "+", "010+1234", "공일공", "０", 1012345678, None, [], True],
)
def test_what_is_no_number_is_refused_without_repeating_it(wrong: object) -> None:
    with pytest.raises(InvalidRequest) as refused:
        normalise_declaration(wrong)
    assert refused.value.detail == {"field": "declaration"}
    assert not (isinstance(wrong, str) and len(wrong) > 3 and wrong in refused.value.message)


@given(st.text())
def test_any_text_gives_digits_or_a_clear_refusal(text: str) -> None:
    try:
        assert normalise_declaration(text).isdecimal()
    except InvalidRequest:
        pass


@given(st.from_regex(r"0[0-9]{2,14}", fullmatch=True))
def test_digits_stay_as_they_are(digits: str) -> None:
    if not digits.startswith("0082"):
        assert normalise_declaration(digits) == digits
