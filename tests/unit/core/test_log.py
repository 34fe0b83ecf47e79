import logging

import pytest

from core.log import RedactingFormatter, redact

UUID = "3f0c8f5e-8a43-4b44-9d0e-0a8f6f6f5f10"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("call from 010-1234-5678 ended", "call from [number] ended"),
        ("call from 01012345678", "call from [number]"),
        ("+82 10 1234 5678", "[number]"),
        ("said 안전계좌로 이체, 하세요 now", "said [korean] now"),
        (f"analysis {UUID} took 12.5 s", f"analysis {UUID} took 12.5 s"),
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
