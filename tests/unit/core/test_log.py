import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.log import RedactingFormatter, redact
from models.registry.versions import VERSION

UUID = "3f0c8f5e-8a43-4b44-9d0e-0a8f6f6f5f10"
MODEL = "20260101T000000Z-abcdef12"
AREAS = ("010", "011", "016", "017", "018", "019", "02", "031", "051", "064", "070", "080", "0505")
ACCOUNTS = ((3, 2, 6), (6, 2, 6), (3, 6, 5), (4, 3, 6), (4, 2, 7), (3, 4, 4, 2), (3, 6, 2, 3), (4, 4, 4, 4))
"""Digits between the hyphens of bank accounts, the last of a card."""
AFTER = ["", " ended", ".", ", 12", "')", "_call.m4a", f" {MODEL}", " at http://192.168.10.23:5000"]
AROUND = st.tuples(
    st.sampled_from(["", "from ", "tel:", "number=", "('", "12, ", f"{MODEL} ", "amqp://192.168.10.23:5672, "]),
    st.sampled_from([*((after, after) for after in AFTER), (f"-{MODEL}", MODEL[8:])]),
)
"""What stands before a number; what stands after it, and what is left of that."""
SEPARATORS = ("", "-", " ", ".")


def digits(number: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=number, max_size=number)


@st.composite
def phones(draw: st.DrawFn) -> str:
    """At home, from abroad, and the eight digits of a service."""
    middle, last = draw(digits(draw(st.sampled_from([3, 4])))), draw(digits(4))
    separator, area = draw(st.sampled_from(SEPARATORS)), draw(st.sampled_from(AREAS))
    country = draw(st.sampled_from(["+82", "82", "0082"]))
    home, abroad, service = [area, middle, last], [country, area[1:], middle, last], ["1588", last]
    return separator.join(draw(st.sampled_from([home, abroad, service])))


@st.composite
def accounts(draw: st.DrawFn) -> str:
    shape, separator = draw(st.sampled_from(ACCOUNTS)), draw(st.sampled_from(SEPARATORS))
    return separator.join(draw(digits(length)) for length in shape)


@st.composite
def residents(draw: st.DrawFn) -> str:
    return draw(digits(6)) + draw(st.sampled_from(SEPARATORS)) + draw(digits(7))


def dotted() -> st.SearchStrategy[str]:
    """Short groups, such as 15.88.12.34, that an address could have too."""
    return st.lists(st.integers(10, 255).map(str), min_size=4, max_size=4).map(".".join)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("call from 010-1234-5678 ended", "call from [number] ended"),
        ("call from 01012345678", "call from [number]"),
        ("+82 10 1234 5678", "[number]"),
        ("said 안전계좌로 이체, 하세요 now", "said [korean] now"),
        (f"analysis {UUID} took 12.5 s", f"analysis {UUID} took 12.5 s"),
        (f"12 {MODEL} 010-1234-5678", f"12 {MODEL} [number]"),
        (f"{MODEL}0", "[number]T000000Z-abcdef120"),
        (f"900101-1234567-{MODEL}", "[number]T000000Z-abcdef12"),
        ("@192.168.10.23 of 010.1234.5678", "@192.168.10.23 of [number]"),
        ("@02.123.45.67, @256.168.10.23, @192.168.10.234.5", "@[number], @[number], @[number]"),
        ("010 192.168.10.23:5000", "[number]:5000"),
        ("15.88.12.34: 80, 15.88.12.34:0, 15.88.12.34:123456", "[number]: 80, [number]:0, [number]:123456"),
        ("('15.88.12.34', 'x'), '82.10.123.145'", "('[number]', 'x'), '[number]'"),
    ],
)
def test_numbers_and_korean_text_are_masked(line: str, shown: str) -> None:
    assert redact(line) == shown


def test_a_traceback_is_masked_too() -> None:
    try:
        raise ValueError("통장 010-1234-5678")
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "f", 1, "failed", (), (ValueError, error, error.__traceback__))
    line = RedactingFormatter("%(asctime)s %(levelname)s %(name)s %(message)s").format(record)
    assert "[korean] [number]" in line
    assert "통장" not in line


@given(st.one_of(phones(), accounts(), residents(), dotted()), AROUND)
def test_numbers_of_people_are_masked_in_every_usual_form(number: str, around: tuple[str, tuple[str, str]]) -> None:
    before, (after, left) = around
    assert redact(f"{before}{number}{after}") == f"{before}[number]{left}"


@pytest.mark.parametrize("line", ["{}", "active: {}", "12 {}", "store/text/{}/manifest.json", "({}, {})"])
@given(version=st.from_regex(VERSION, fullmatch=True))
def test_versions_of_models_stay(line: str, version: str) -> None:
    assert redact(line.format(version, version)) == line.format(version, version)


@pytest.mark.parametrize(
    "line",
    [
        "Listening at: http://{}:5000 (12)",
        "http://{}/hook",
        "amqp://guest:**@{}//",
        "Access denied for user 'moksori'@'{}' (using password: YES)",
        "Can't connect to server on '{}':3306: refused",
        "Error 111 connecting to {}:6379.",
        "Connection in use: ('{}', 65535)",
        "callback refused: its host resolves to {}, which is not listed",
    ],
)
@given(address=st.ip_addresses(v=4))
def test_addresses_of_hosts_stay(line: str, address: object) -> None:
    assert redact(line.format(address)) == line.format(address)
